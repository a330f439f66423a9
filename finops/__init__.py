"""Cloud-cost governance: bills in FOCUS, held against policies, made visible before the invoice."""

import os

__version__ = "0.1.0"

# Polars reads this many row groups ahead of the work; its own default holds a gigabyte of a wide bill for no speed.
# It must stand before polars is imported, and a value that an operator has set is kept.
os.environ.setdefault("POLARS_ROW_GROUP_PREFETCH_SIZE", "2")
