"""One kind of column a file: a raw Series of one batch in, a conformed Series out.

A repairer first says with ``probe`` which cheap question tells whether a batch needs its attention; the probes of all
columns are asked together. Clean rows cost next to nothing, and what needs Python objects touches distinct or faulty
values only.
"""
