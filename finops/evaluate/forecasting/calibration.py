"""How far off a series' own errors go, so that a promised rate of false alarms holds for the unruly ones too.

A conformal threshold: what a new error exceeds as rarely as past ones did (Vovk, Gammerman and Shafer 2005; of series
that change, Gibbs and Candès 2021), recomputed each day from the errors of all days before it. The part of the tail
that a short history cannot show is extrapolated (peaks over threshold: Pickands 1975; Davison and Smith 1990).
"""

from __future__ import annotations

from finops.deferred import numpy as np
from finops.evaluate.forecasting.rows import Bools, Floats

FALSE_ALARMS = 0.004
"""Of quiet days: so many may lie above the expected range."""
TAIL = 0.1
"""The share of errors that the tail is extrapolated from."""
ALLOWED = 0.005
"""So many errors of a history, and one at least of 250, stand for incidents: they set no range."""
_ENOUGH = 250


def tails(errors: Floats, known: Bools) -> Floats:
    """What an error of each row exceeds with a chance of ``FALSE_ALARMS``, as its known errors tell; 0 without any."""
    count = known.sum(axis=1)
    ordered = -np.sort(np.where(known, -errors, np.inf), axis=1)  # largest first
    allowed = np.where(count >= _ENOUGH, np.maximum(1, (ALLOWED * count).astype(np.int64)), 0)
    most = np.maximum(np.ceil(TAIL * count).astype(np.int64), 3)
    at = np.arange(ordered.shape[1])
    rows = np.arange(len(ordered))
    threshold = ordered[rows, np.minimum(most + allowed, np.maximum(count - 1, 0))]
    inside = (at >= allowed[:, np.newaxis]) & (at < (most + allowed)[:, np.newaxis]) & (at < count[:, np.newaxis])
    beyond = np.where(inside, np.where(np.isfinite(ordered), ordered, 0.0) - threshold[:, np.newaxis], 0.0)
    mean = beyond.sum(axis=1) / np.maximum(inside.sum(axis=1), 1)
    extrapolated = threshold + mean * np.log(TAIL / FALSE_ALARMS)
    largest = ordered[rows, np.minimum(allowed, np.maximum(count - 1, 0))]
    seen = np.where(count * FALSE_ALARMS >= 1, largest, extrapolated)
    return np.where(count > 0, np.maximum(np.maximum(extrapolated, seen), 0.0), 0.0)
