"""Cost and Usage Report 2.0 -> FOCUS 1.2. Each rule and its source stands in docs/sources/aws-data-export.md."""

from finops.collect.aws.cur.convert import VERSION, CurConversion, is_cur, is_legacy_cur

__all__ = ["VERSION", "CurConversion", "is_cur", "is_legacy_cur"]
