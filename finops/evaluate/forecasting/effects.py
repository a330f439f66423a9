"""How far means of weekdays and of month positions are to be believed: drawn towards no effect, with what stays unsure.

Rows are series. Means and standard errors are shares of the level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from finops.deferred import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float64]"

SPREAD = 1.0
"""The standard deviation of effects of month positions that have one."""
OF_SERIES, OF_POSITIONS = 0.3, 0.3
"""Before anything is seen: the share of series whose month has ends of its own, and of their positions that do."""
_MOST = 300.0
"""Exponents beyond it overflow, and nothing is unsure any more."""


def weekday_effects(means: Floats, variances: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Seven means a row, drawn towards their own middle by as much as noise alone spreads them (James and Stein 1961,
    the positive part; Efron and Morris 1973), and their variances then. The eighth is that of holidays, which stands as
    it is; ``spread``: the variance of one holiday around it, beyond noise."""
    centre = means[:, :7].mean(axis=1, keepdims=True)
    centred = means[:, :7] - centre
    noise = variances[:, :7].mean(axis=1, keepdims=True)
    seen = (centred * centred).sum(axis=1, keepdims=True) / 6
    kept = np.maximum(1 - (4 / 6) * noise / np.maximum(seen, 1e-18), 0.0)
    effects, unsure = np.zeros_like(means), np.zeros_like(means)
    effects[:, :7], unsure[:, :7] = kept * centred, kept * variances[:, :7]
    known = variances[:, 7] < 1
    effects[known, 7] = (means[:, 7:] - centre)[known, 0]
    unsure[known, 7] = (variances[:, 7] + spread)[known]
    return effects, unsure


def position_effects(means: Floats, variances: Floats) -> tuple[Floats, Floats]:
    """One mean a row and position, against the days between the ends; its effect and that effect's variance.

    A position has an effect of its own or has none (spike and slab, Mitchell and Beauchamp 1988): how likely it has
    one is told by its own mean and by its neighbours, for a series has a month's end or has not. Where it is unlikely,
    nothing is added and little is unsure; where it is as good as sure, the mean stands as it is.
    """
    kept = SPREAD**2 / (SPREAD**2 + variances)
    exponents = 0.5 * np.log(1 - kept) + 0.5 * means * means / np.maximum(variances, 1e-18) * kept
    factors = np.exp(np.minimum(exponents, _MOST))
    mixed = 1 - OF_POSITIONS + OF_POSITIONS * factors
    odds = OF_SERIES / (1 - OF_SERIES) * np.exp(np.minimum(np.log(mixed).sum(axis=1, keepdims=True), _MOST))
    likely = odds / (1 + odds) * OF_POSITIONS * factors / mixed
    effects = likely * kept * means
    return effects, likely * kept * variances + likely * (1 - likely) * (kept * means) ** 2
