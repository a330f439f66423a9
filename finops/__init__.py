"""Cloud-cost governance: bills in FOCUS, held against policies, made visible before the invoice."""

__version__ = "0.1.0"
