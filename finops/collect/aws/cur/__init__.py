"""Cost and Usage Report, 2.0 or legacy -> FOCUS 1.2. docs/sources/aws-data-export.md has each rule and its source."""

from finops.collect.aws.cur.convert import VERSION, CurConversion
from finops.collect.aws.cur.names import cur2_names, is_cur

__all__ = ["VERSION", "CurConversion", "cur2_names", "is_cur"]
