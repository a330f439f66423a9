"""A series of weeks as a few slow movements that are independent of each other.

Equally weighted cosines: Müller, "A theory of robust long-run variance estimation", Journal of Econometrics 141 (2007);
Lazarus, Lewis, Stock and Watson, "HAR inference: recommendations for practice", JBES 36 (2018). Corrected for what days
have in common with the days before them in the manner of Andrews and Monahan, Econometrica 60 (1992).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finops.deferred import numpy as np
from finops.evaluate.statistics.weeks import Floats

FASTEST = 12
"""The fastest cosine has this many half waves in the window; what moves faster says little about the long run."""

_NEARLY_DEPENDENT = 0.2
"""A movement of which less than this is left, once the ones before it are taken out, says nothing new."""


@dataclass(frozen=True, slots=True)
class Movements:
    """Rows of ``basis`` are orthonormal. ``weight``: of each week. ``named``: how many rows stand for ``columns``."""

    basis: Floats
    weight: Floats
    named: int

    def of(self, values: Floats) -> Floats:
        """How much of each movement is in ``values``, a number a week."""
        result: Floats = self.basis @ (np.sqrt(self.weight) * values)
        return result

    def variances(self, covariance: Floats) -> Floats:
        """Of each movement, where the weeks' noise has this ``covariance``."""
        rows = self.basis * np.sqrt(self.weight)[None, :]
        result: Floats = ((rows @ covariance) * rows).sum(axis=1)
        return result

    def fitted(self, values: Floats) -> Floats:
        """``values`` as far as the named columns explain them."""
        parts = self.of(values)[: self.named]
        result: Floats = (self.basis[: self.named].T @ parts) / np.sqrt(self.weight)
        return result

    @property
    def freedom(self) -> int:
        """How many movements are left to judge noise by."""
        return len(self.basis) - self.named


def movements(
    at: Floats,
    weight: Floats,
    columns: Sequence[Floats],
    *,
    optional: Sequence[Floats] = (),
    fastest: int = FASTEST,
    most: int = FASTEST,
) -> Movements | None:
    """``columns``, each without what the ones before it explain, and then cosines from slow to fast, ``most`` of them.

    None where the columns explain each other; ``optional`` columns that others explain are left out.
    """
    span = float(at[-1] - at[0]) + 1
    place = (at - at[0] + 0.5) / span
    root = np.sqrt(weight)
    basis = np.empty((min(len(at), len(columns) + len(optional) + most), len(at)))
    count = 0
    for number, column in enumerate((*columns, *optional)):
        left = _without(root * column, basis[:count]) if count < len(basis) else None
        if left is not None:
            basis[count] = left
            count += 1
        elif number < len(columns):
            return None
    named = count
    for waves in range(1, fastest + 1):
        if count == min(len(basis), named + most):
            break
        left = _without(root * np.cos(np.pi * waves * place), basis[:count])
        if left is not None:
            basis[count] = left
            count += 1
    return Movements(basis[:count], weight, named)


def _without(vector: Floats, basis: Floats) -> Floats | None:
    before = float(np.sqrt(vector @ vector))
    for _ in range(2):  # twice is enough (Giraud and others 2005): the second takes what rounding left
        vector = vector - basis.T @ (basis @ vector)
    after = float(np.sqrt(vector @ vector))
    return vector / after if after > _NEARLY_DEPENDENT * before else None
