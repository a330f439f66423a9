"""Student's t."""

from __future__ import annotations

from math import atan, cos, pi, sin, sqrt

_UPPER_TWENTIETH = (
    6.313752, 2.919986, 2.353363, 2.131847, 2.015048, 1.943180, 1.894579, 1.859548, 1.833113, 1.812461,
    1.795885, 1.782288, 1.770933, 1.761310, 1.753050, 1.745884, 1.739607, 1.734064, 1.729133, 1.724718,
    1.720743, 1.717144, 1.713872, 1.710882, 1.708141, 1.705618, 1.703288, 1.701131, 1.699127, 1.697261,
)  # fmt: skip

_UPPER_TWOHUNDREDTH = (
    63.656741, 9.924843, 5.840909, 4.604095, 4.032143, 3.707428, 3.499483, 3.355387, 3.249836, 3.169273,
    3.105807, 3.054540, 3.012276, 2.976843, 2.946713, 2.920782, 2.898231, 2.878440, 2.860935, 2.845340,
    2.831360, 2.818756, 2.807336, 2.796940, 2.787436, 2.778715, 2.770683, 2.763262, 2.756386, 2.749996,
)  # fmt: skip


def t90(freedom: int) -> float:
    """Half the width of a 90 % interval in standard errors: each side is wrong in 1 of 20. ``freedom``: up to 30."""
    return _UPPER_TWENTIETH[freedom - 1]


def t99(freedom: int) -> float:
    """The same for 99 %."""
    return _UPPER_TWOHUNDREDTH[freedom - 1]


def upper_tail(t: float, freedom: int) -> float:
    """The chance of more than ``t``. Finite sums for whole degrees of freedom: Abramowitz and Stegun, 26.7.3 and
    26.7.4."""
    angle = atan(t / sqrt(freedom))
    cosine, sine = cos(angle), sin(angle)
    odd = freedom % 2
    term = total = (cosine if freedom > 1 else 0.0) if odd else 1.0
    for step in range(2 + odd, freedom - 1, 2):
        term *= cosine * cosine * (step - 1) / step
        total += term
    between = 2 / pi * (angle + sine * total) if odd else sine * total
    return max(0.0, (1 - between) / 2)
