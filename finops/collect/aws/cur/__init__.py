"""Cost and Usage Report, 2.0 or legacy -> FOCUS 1.2. docs/sources/aws-data-export.md has each rule and its source."""

from finops.collect.aws.cur.columns import COST
from finops.collect.aws.cur.convert import VERSION, CurConversion
from finops.collect.aws.cur.names import cur2_names, is_cur
from finops.collect.aws.cur.periods import BILLING_START

__all__ = ["BILLING_START", "COST", "VERSION", "CurConversion", "cur2_names", "is_cur"]
