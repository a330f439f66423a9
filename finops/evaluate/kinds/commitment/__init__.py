"""Are commitments used, and do they cover enough?"""

from finops.evaluate.kinds.commitment.kind import Commitment

__all__ = ["Commitment"]
