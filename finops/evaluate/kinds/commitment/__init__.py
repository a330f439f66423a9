"""Are commitments used, do they cover enough, when do they end?"""

from finops.evaluate.kinds.commitment.kind import Commitment

__all__ = ["Commitment"]
