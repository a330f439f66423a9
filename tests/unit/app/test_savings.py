"""Savings: measured against what demand would have cost, shared where claims overlap, credited where proven."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from finops.app.collection.all import collect_all
from finops.app.container import Container, open_container
from finops.app.savings import Savings
from finops.app.savings.claims import saved_scopes
from finops.errors import BadArguments, UnknownSaving
from finops.model.audit import Actor, AuditAction, Proof
from finops.model.saving import MeasuredSaving, SavingState
from tests.support.bills import StoppedClock

ANNA = Actor("Anna Alder", Proof.TERMINAL)
FIRST, SINCE, DAYS = date(2026, 1, 1), date(2026, 5, 1), 151
CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
currency: EUR
sources:
  prod: {kind: focus-files, path: ./bills}
demand:
  orders: {kind: csv, path: ./orders.csv, unit: orders}
dimensions:
  team:
    - tags: [team]
    - else: unallocated
"""
HEAD = (
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,"
    "BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ServiceName,SkuId,PricingQuantity,PricingUnit,Tags\n"
)


def row(day: date, amount: float, team: str, service: str, hours: float) -> str:
    cost = f"{amount:.4f}"
    end = day + timedelta(days=1)
    month = day.replace(day=1)
    after = (month + timedelta(days=32)).replace(day=1)
    moments = ",".join(f"{one}T00:00:00Z" for one in (day, end, month, after))
    tags = f'"{{""team"":""{team}""}}"'
    return f"{f'{cost},' * 4}EUR,{moments},Usage,{service},{service}-hour,{hours:.4f},Hours,{tags}\n"


def write(folder: Path) -> None:
    """Search follows orders, and from May on needs a fifth less of compute and half of storage; ads never changes."""
    noise = random.Random(7)
    bills: dict[str, list[str]] = {}
    orders = ["day,value"]
    for place in range(DAYS):
        day = FIRST + place * timedelta(days=1)
        sold = (1000 + 3 * place) * (0.7 if day.weekday() > 4 else 1.0)
        orders.append(f"{day},{sold:.0f}")
        off = [1 + 0.02 * noise.gauss(0, 1) for _ in range(3)]
        compute = (100 + 0.2 * sold) * off[0] * (0.8 if day >= SINCE else 1.0)
        storage = 40 * off[1] * (0.5 if day >= SINCE else 1.0)
        rows = [
            row(day, compute, "search", "Compute", compute / 2),
            row(day, storage, "search", "Storage", storage * 10),
            row(day, 80 * off[2], "ads", "Compute", 40 * off[2]),
        ]
        bills.setdefault(f"{day:%Y-%m}", []).extend(rows)
    for month, lines in bills.items():
        (folder / "bills" / f"{month}.csv").write_text(HEAD + "".join(lines), encoding="utf-8")
    (folder / "orders.csv").write_text("\n".join(orders) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    folder = tmp_path_factory.mktemp("savings")
    for name in ("policies", "bills"):
        (folder / name).mkdir()
    (folder / "finops.yaml").write_text(CONFIG, encoding="utf-8")
    write(folder)
    opened = open_container(folder / "finops.yaml", StoppedClock(datetime(2026, 6, 10, tzinfo=UTC)))
    collect_all(opened.collectors)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def no_claims(container: Container) -> Iterator[None]:
    yield
    for claim in container.savings.claims():
        container.savings.withdraw(claim.id, actor=ANNA)


def measured(savings: Savings, *ids: str, month: date | None = None) -> list[MeasuredSaving]:
    found = {one.claim.id: one for one in savings.measured(month=month).savings}
    return [found[one] for one in ids]


def test_a_saving_is_credited_with_what_it_comes_from(container: Container) -> None:
    savings = container.savings
    claim = savings.claim("team = 'search'", SINCE, demand="orders", actor=ANNA, note="Rightsized")
    [one] = measured(savings, claim.id)
    # a fifth of compute and half of storage, on the days that count
    assert one.state is SavingState.PROVEN
    assert one.saved is not None
    assert one.period is not None
    assert one.period.start == SINCE
    assert one.parts is not None
    compute = sum(
        0.2 * (100 + 0.2 * (1000 + 3 * (day - FIRST).days) * (0.7 if day.weekday() > 4 else 1.0)) for day in one.period
    )
    assert one.saved.low <= Decimal(compute + 20 * one.days) <= one.saved.high
    assert one.credited == one.saved.amount
    assert sum((one.parts.usage, one.parts.price, one.parts.mix, one.parts.charges), Decimal(0)) == one.saved.amount
    # unit prices stayed as they were
    assert abs(one.parts.price) <= one.saved.amount / 100
    assert container.state.audit.page(limit=1, action=AuditAction.SAVING_CLAIMED).entries[0].why == "Rightsized"


def test_where_nothing_was_saved_nothing_is_credited(container: Container) -> None:
    claim = container.savings.claim("team = 'ads'", SINCE, demand="orders", actor=ANNA)
    [one] = measured(container.savings, claim.id)
    assert one.state is SavingState.NOT_PROVEN
    assert one.credited == 0
    assert one.reason.startswith("Not told from noise")


def test_months_add_up_to_the_whole(container: Container) -> None:
    claim = container.savings.claim("team = 'search'", date(2026, 4, 20), demand="orders", actor=ANNA)
    [whole] = measured(container.savings, claim.id)
    parts = [measured(container.savings, claim.id, month=date(2026, month, 1))[0] for month in (4, 5, 6)]
    known = [one.saved.amount for one in parts if one.saved is not None]
    assert whole.saved is not None
    assert abs(sum(known) - whole.saved.amount) <= Decimal("0.01") * len(known)
    assert sum(one.days for one in parts) == whole.days


def test_claims_on_the_same_rows_share_what_was_saved(container: Container) -> None:
    savings = container.savings
    alone = savings.claim("team = 'search'", SINCE, demand="orders", actor=ANNA)
    [whole] = measured(savings, alone.id)
    twin = savings.claim("team = 'search' AND ServiceName = 'Storage'", SINCE, demand="orders", actor=ANNA)
    both = measured(savings, alone.id, twin.id)
    amounts = [one.saved.amount for one in both if one.saved is not None]
    assert whole.saved is not None
    assert abs(sum(amounts) - whole.saved.amount) <= Decimal("0.02")
    assert both[0].shared_with == (twin.id,)
    # storage is shared in halves, compute belongs to the first alone
    assert both[1].saved is not None
    assert abs(both[1].saved.amount - Decimal(10 * both[1].days)) < 10
    later = savings.claim("ServiceName = 'Storage'", date(2026, 5, 10), demand="orders", actor=ANNA)
    three = measured(savings, alone.id, twin.id, later.id)
    # nothing changed on the 10th, but on the 1st: that is said, and nothing taken from others by guess
    assert three[2].state is SavingState.UNKNOWN
    assert "moved to another level on 2026-05-01" in three[2].reason
    assert [one.saved for one in three[:2]] == [one.saved for one in both]


def test_what_a_proven_claim_holds_is_counted_once_even_where_it_cannot_be_told(container: Container) -> None:
    savings = container.savings
    ads = savings.claim("team = 'ads'", date(2026, 4, 20), demand="orders", actor=ANNA)
    [alone] = measured(savings, ads.id)
    both = savings.claim("team IN ('ads', 'search')", SINCE, demand="orders", actor=ANNA)
    [shared, proven] = measured(savings, ads.id, both.id)
    assert proven.state is SavingState.PROVEN
    assert shared.shared_with == (both.id,)
    assert shared.saved is not None
    assert alone.saved is not None
    assert shared.saved.amount != alone.saved.amount


def test_what_was_measured_is_kept_until_claims_change(container: Container) -> None:
    savings = container.savings
    claim = savings.claim("team = 'ads'", SINCE, demand="orders", actor=ANNA)
    [first], [again] = measured(savings, claim.id), measured(savings, claim.id)
    assert again is first
    savings.withdraw(claim.id, actor=ANNA)
    assert measured(savings, claim.id)[0].state is SavingState.WITHDRAWN


@pytest.mark.parametrize(
    ("scope", "since", "demand", "told"),
    [
        ("", SINCE, "", "scope is missing"),
        ("team = ", SINCE, "", "operand is missing"),
        ("team = 'serch'", SINCE, "", "no row"),
        ("team = 'search'", SINCE, "order", "Did you mean 'orders'"),
        ("team = 'search'", date(2024, 1, 1), "", "more than a year"),
    ],
)
def test_a_claim_that_cannot_be_measured_is_refused(
    container: Container, scope: str, since: date, demand: str, told: str
) -> None:
    with pytest.raises(BadArguments) as caught:
        container.savings.claim(scope, since, demand=demand, actor=ANNA)
    assert told in str(caught.value)


def test_too_few_days_are_measured_later_and_too_few_before_are_named(container: Container) -> None:
    savings = container.savings
    late = savings.claim("team = 'search'", date(2026, 6, 1), actor=ANNA)
    early = savings.claim("team = 'search'", date(2026, 1, 20), actor=ANNA)
    [one, other] = measured(savings, late.id, early.id)
    assert (one.state, one.credited) == (SavingState.MEASURING, None)
    assert other.state is SavingState.UNKNOWN
    assert "6 weeks" in other.reason


def test_the_same_key_claims_once_and_a_withdrawn_claim_counts_no_more(container: Container) -> None:
    savings = container.savings
    first = savings.claim("team = 'search'", SINCE, actor=ANNA, key="commit 1")
    assert savings.claim("team = 'search'", SINCE, actor=ANNA, key="commit 1") == first
    with pytest.raises(BadArguments, match="another claim"):
        savings.claim("team = 'ads'", SINCE, actor=ANNA, key="commit 1")
    savings.withdraw(first.id[:6], actor=ANNA)
    [one] = measured(savings, first.id)
    assert (one.state, one.credited) == (SavingState.WITHDRAWN, None)
    with pytest.raises(UnknownSaving, match="no claim"):
        savings.withdraw("zz", actor=ANNA)


def test_a_viewer_of_a_team_sees_claims_about_it_alone(container: Container) -> None:
    savings = container.savings
    own = savings.claim("team = 'search' AND ServiceName = 'Storage'", SINCE, actor=ANNA)
    savings.claim("team IN ('search', 'ads')", SINCE, actor=ANNA)
    savings.claim("ServiceName = 'Storage'", SINCE, actor=ANNA)
    theirs = replace(savings, teams=("team", frozenset({"search"})))
    seen = [one.id for one in theirs.claims() if one.withdrawn_at is None]
    assert seen == [own.id]


def test_trailers_of_a_commit_message_name_scopes() -> None:
    message = (
        "Shrink the index\n\nSaves: no\n\nSaves: team = 'search' AND env = 'prod'  \nsaves: team = 'ads'\nSaved: x\n"
    )
    assert saved_scopes(message) == ["no", "team = 'search' AND env = 'prod'", "team = 'ads'"]
