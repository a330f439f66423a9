"""Does the radar find what was planted, and only that? Invented organisations, judged as ``finops radar`` does.

``python -m benchmarks.radar [--organisations 40] [--seed 1]`` prints the table of benchmarks/README.md;
``--pairs 10000`` measures how long one radar of so many pairs takes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from benchmarks.cost_and_demand import Floats, autocorrelated
from finops.conditions import parse
from finops.evaluate.radar import scan
from finops.focus.schema import condition_columns
from finops.lake import InMemoryLakeView
from finops.model.data_version import DataVersion
from finops.model.evaluation import Settings
from finops.model.radar import Outcome, Radar
from finops.model.source_freshness import SourceFreshness

LAST = date(2026, 10, 31)
DAYS = 400
SERIES = ("orders", "visitors", "jobs")
_AMOUNT = pl.Decimal(38, 15)
_WEEK = np.array([1.06, 1.08, 1.07, 1.05, 1.02, 0.88, 0.84])
_AT = np.arange(DAYS)
_DAYS = [LAST - timedelta(days=DAYS - 1 - int(at)) for at in _AT]


@dataclass(frozen=True, slots=True)
class Organisation:
    """``noise``: standard deviation of a day's logarithm of cost, ``persistence``: its autocorrelation from day to day.
    ``planted``: how many services outgrow their demand. ``shared``: part of the noise that all services have in common.
    """

    name: str
    noise: float = 0.05
    persistence: float = 0.0
    planted: int = 8
    shared: float = 0.0
    services: int = 60


ORGANISATIONS = (
    Organisation("5 % noise"),
    Organisation("15 % noise", noise=0.15),
    Organisation("5 % noise, autocorrelation 0.7", persistence=0.7),
    Organisation("5 % noise, autocorrelation 0.9", persistence=0.9),
    Organisation("10 % noise, autocorrelation 0.9", noise=0.10, persistence=0.9),
    Organisation("10 % noise, half of it shared", noise=0.10, shared=0.5),
    Organisation("nothing planted, 10 % noise", noise=0.10, planted=0),
    Organisation("nothing planted, 5 % noise, autocorrelation 0.9", persistence=0.9, planted=0),
)


@dataclass(frozen=True, slots=True)
class Made:
    """``planted``: service -> what a month of the last four weeks costs beyond demand, in truth."""

    view: InMemoryLakeView
    planted: dict[str, float]


def make(of: Organisation, seed: int) -> Made:
    """Each service of an owner follows one of three series, half of them exactly and the others by an elasticity of 0.6
    to 1; one in five is flat. Planted ones step or climb beyond demand at some day of the last twelve weeks."""
    random = np.random.default_rng(seed)
    demand = {
        name: np.exp(np.log1p(random.uniform(0, 0.6)) * _AT / DAYS)
        * _WEEK[_AT % 7]
        * np.exp(random.normal(0, 0.03, DAYS))
        for name in SERIES
    }
    common = autocorrelated(random, DAYS, of.persistence)
    costs: dict[str, Floats] = {}
    planted: dict[str, float] = {}
    chosen = set(random.choice(of.services, of.planted, replace=False).tolist())
    for number in range(of.services):
        name, follows = f"Service {number}", demand[SERIES[number % 3]]
        level = 20 * float(np.exp(random.normal(0, 1.2)))
        flat = np.full(DAYS, 1 - 0.2 * number / of.services)
        usual = level * (follows ** (1.0 if number % 2 else random.uniform(0.6, 1.0)) if number % 5 else flat)
        beyond = np.zeros(DAYS)
        if number in chosen:
            usual, beyond = level * follows, level * follows * _growth(random)
            planted[name] = float(beyond[-28:].sum() / 28 * 365.25 / 12)
        own = autocorrelated(random, DAYS, of.persistence)
        off = of.noise * (of.shared**0.5 * common + (1 - of.shared) ** 0.5 * own)
        costs[name] = (usual + beyond) * np.exp(off)
    return Made(_view(costs, demand), planted)


def _growth(random: np.random.Generator) -> Floats:
    """As a share of the usual cost: a step, or a ramp to the end."""
    size, age = random.uniform(0.15, 1.0), int(random.integers(21, 84))
    since = np.clip(_AT - (DAYS - age), 0, None)
    ramp = size * since / age
    return ramp if random.uniform() < 0.5 else np.where(since > 0, size, 0.0)


def _view(costs: dict[str, Floats], demand: dict[str, Floats]) -> InMemoryLakeView:
    count = len(costs)
    amounts = np.concatenate(list(costs.values()))
    frame = pl.DataFrame(
        {
            "day": _DAYS * count,
            "ServiceName": [name for name in costs for _ in _DAYS],
            "team": [f"team {place % 12}" for place in range(count) for _ in _DAYS],
            "EffectiveCost": amounts,
        }
    ).with_columns(
        pl.col("EffectiveCost").round(6).cast(_AMOUNT),
        source=pl.lit("bills"),
        ServiceProviderName=pl.lit("AWS"),
        SubAccountId=pl.lit("1"),
        ServiceCategory=pl.lit("Compute"),
        ChargeFrequency=pl.lit("Usage-Based"),
        ChargeCategory=pl.lit("Usage"),
        PricingCategory=pl.lit("Standard"),
        CommitmentDiscountStatus=pl.lit(None, pl.String),
        ResourceId=pl.lit(None, pl.String),
        Tags=pl.lit(None, pl.String),
        BillingCurrency=pl.lit("EUR"),
        billing_period=pl.lit(None, pl.Date),
    )
    frame = frame.with_columns(
        pl.col("EffectiveCost").alias(name) for name in ("BilledCost", "ListCost", "ContractedCost")
    )
    served = pl.DataFrame(
        {
            "name": [name for name in demand for _ in _DAYS],
            "day": _DAYS * len(demand),
            "value": np.concatenate([10_000 * values for values in demand.values()]).round(),
        }
    ).with_columns(pl.col("value").cast(_AMOUNT), unit=pl.lit("units"), dimensions=pl.lit("{}"))
    version = DataVersion(costs=1, scopes=1, costs_daily=1, demand=1)
    return InMemoryLakeView(frame, ("team",), served, version=version)


def look(view: InMemoryLakeView, *, drivers: bool = False) -> Radar:
    now = datetime(LAST.year, LAST.month, LAST.day, tzinfo=UTC) + timedelta(days=3)
    return scan(
        view,
        as_of=now,
        freshness=(SourceFreshness("bills", "focus-files", now, now),),
        settings=Settings("EUR", dimensions=("team",)),
        series=SERIES,
        condition=parse("ChargeCategory <> 'Tax'", condition_columns()),
        drivers=drivers,
    )


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Over all organisations of a kind. ``ranking``: Spearman's, of the money of what was found."""

    money: float
    money_found: float
    found: int
    false: int
    share_false: float
    ranking: float


def measure(of: Organisation, organisations: int, seed: int) -> Outcomes:
    money = got = 0.0
    found = false = 0
    shares, ranks = [], []
    for number in range(organisations):
        made = make(of, seed * 10_000 + number)
        listed = look(made.view).of_level(("team", "ServiceName"), Outcome.BEYOND)
        names = [one.group["ServiceName"] for one in listed]
        wrong = [name for name in names if name not in made.planted]
        money += sum(made.planted.values())
        got += sum(made.planted[name] for name in names if name in made.planted)
        found, false = found + len(names), false + len(wrong)
        shares.append(len(wrong) / len(names) if names else 0.0)
        right = [name for name in names if name in made.planted]
        if len(right) > 2:
            ranks.append(_spearman(list(range(len(right), 0, -1)), [made.planted[name] for name in right]))
    return Outcomes(money, got, found, false, float(np.mean(shares)), float(np.mean(ranks)) if ranks else float("nan"))


def _spearman(one: Sequence[float], other: Sequence[float]) -> float:
    ranks = [np.argsort(np.argsort(np.array(values))) for values in (one, other)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def table(organisations: int, seed: int) -> Iterator[str]:
    yield "| organisations | planted money found | found | false | mean share false | ranking |"
    yield "|---|---|---|---|---|---|"
    for of in ORGANISATIONS:
        one = measure(of, organisations, seed)
        money = f"{one.money_found / one.money:.0%}" if one.money else "–"
        ranking = f"{one.ranking:.2f}" if one.ranking == one.ranking else "–"
        yield f"| {of.name} | {money} | {one.found} | {one.false} | {one.share_false:.1%} | {ranking} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--organisations", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.pairs:
        made = make(Organisation("large", services=arguments.pairs // len(SERIES)), arguments.seed)
        started, used = time.perf_counter(), time.process_time()
        found = look(made.view, drivers=True)
        wall, cpu = time.perf_counter() - started, time.process_time() - used
        print(f"{found.pairs:,} pairs judged in {wall:.1f} s, {cpu:.1f} s of CPU, {len(found.found)} found")
        return
    for line in table(arguments.organisations, arguments.seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
