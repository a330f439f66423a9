"""Azure's own cost details (actual and amortised cost) as FOCUS rows."""

from finops.collect.azure.export.native.mend import NativeMend

__all__ = ["NativeMend"]
