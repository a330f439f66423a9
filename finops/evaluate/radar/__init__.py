"""Every group of costs against every demand series that plausibly drives it, without any policy."""

from finops.evaluate.radar.scan import levels_of, scan

__all__ = ["levels_of", "scan"]
