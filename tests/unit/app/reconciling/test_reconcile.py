"""Who is asked what a month cost, and that no answer that failed looks like one that agrees."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from finops.app.container import Container, open_container
from finops.app.reconciliation import Reconciled, reconcile
from finops.app.reconciliation.compare import Judging
from finops.cli.render.reconciliation import as_json, as_tables
from finops.cli.terminal import show_parts
from finops.errors import AccessDenied
from finops.model.invoice import Invoice
from finops.model.money import Money
from finops.model.period import Period
from finops.model.reconciliation import Agreement, Comparison, Level
from finops.ports.lake import Known
from finops.ports.provider_totals import TOTALS_SCHEMA, Totals
from finops.ports.source import EVERYTHING, Check, Discovery, Usage, Window
from tests.support.bills import APRIL, MARCH, StoppedClock, delivery, line, rows, run

CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
currency: USD
sources:
  prod: {kind: focus-files, path: ./none, reconcile: quick}
  quick: {kind: focus-files, path: ./none}
invoices:
  prod: {2026-04: 40.00 USD}
"""


@dataclass
class Provider:
    """A source that can be asked: ``amounts`` are BilledCost of its months, all on the first day."""

    amounts: Mapping[date, str | Exception]
    name: str = "prod"
    kind: str = "provider"
    rows: int | None = None
    usage: Usage = field(default_factory=Usage)
    asked: list[Period] = field(default_factory=list)

    def totals(self, period: Period) -> Totals:
        self.asked.append(period)
        amount = self.amounts[period.start]
        if isinstance(amount, Exception):
            raise amount
        found = {"day": period.start, "service": "compute", "currency": "USD", "amount": Decimal(amount)}
        return Totals(pl.DataFrame([found], schema=TOTALS_SCHEMA), "BilledCost", "by SERVICE", self.rows)

    def discover(self, known: Mapping[date, Known], window: Window = EVERYTHING) -> Discovery:
        raise NotImplementedError

    def check(self) -> Sequence[Check]:
        raise NotImplementedError


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    path = tmp_path / "finops.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    opened = open_container(path, StoppedClock(datetime(2026, 6, 1, tzinfo=UTC)))
    bills = rows(*(line("10", period=period, day=1, currency="USD") for period in (MARCH, APRIL)))
    opened.lake.replace(delivery(bills, source="prod"), run())
    yield opened
    opened.close()


JUDGING = Judging(Decimal("0.01"), Level.PERIOD, date(2026, 5, 30))


def found(container: Container, *names: str, **more: object) -> Reconciled:
    config = container.config
    return reconcile(
        container.collectors,
        names or ("prod",),
        JUDGING,
        counted_by={entry.name: entry.reconcile for entry in config.sources if entry.reconcile},
        known_invoices=config.invoices,
        **more,  # type: ignore[arg-type]
    )


def told(comparisons: Sequence[Comparison]) -> list[tuple[str, str, Agreement]]:
    return [(f"{one.billing_period:%m}", one.against, one.agreement) for one in comparisons]


def test_a_source_is_held_against_its_provider_and_its_twin_and_its_invoice(container: Container) -> None:
    own = Provider({MARCH: "10", APRIL: "10.02"})
    twin = Provider({MARCH: "9", APRIL: "10"}, name="quick")
    seen = found(replace(container, sources={"prod": own, "quick": twin}))
    assert told(seen.comparisons) == [
        ("03", "the provider: by SERVICE", Agreement.AGREES),
        ("03", "the provider by quick: by SERVICE", Agreement.DIFFERS),
        ("04", "the provider: by SERVICE", Agreement.DIFFERS),
        ("04", "the provider by quick: by SERVICE", Agreement.AGREES),
        ("04", f"the invoice: {container.config.path}", Agreement.DIFFERS),
    ]
    assert own.asked == [Period(MARCH, APRIL), Period(APRIL, date(2026, 5, 1))]
    assert not seen.is_fine
    assert (seen.mismatches, seen.version.costs) == ([], 0)


def test_a_twin_that_cannot_be_asked_live_lends_its_rows(container: Container) -> None:
    container.lake.replace(delivery(rows(line("4", currency="USD"), line("5", currency="USD")), source="quick"), run())
    (march, *_) = found(container).comparisons
    assert (march.against, march.agreement) == ("the source quick: its rows in the lake", Agreement.DIFFERS)
    assert [total.difference for total in march.totals] == [Decimal(1)]


def test_a_provider_that_cannot_be_asked_is_no_agreement(container: Container) -> None:
    refusal = AccessDenied("AWS does not allow ce:GetCostAndUsage", where="prod", remedy="Grant it")
    own = Provider({MARCH: refusal, APRIL: ZeroDivisionError("no secret")})
    seen = found(replace(container, sources={"prod": own, "quick": own}), window=Window(MARCH, date(2026, 5, 1)))
    (march, _, april, *_) = seen.comparisons
    assert (march.agreement, april.agreement, seen.is_fine) == (Agreement.FAILED, Agreement.FAILED, False)
    assert "ce:GetCostAndUsage" in march.reason
    assert "ZeroDivisionError at" in april.reason
    assert "no secret" not in april.reason


def test_nobody_to_ask_is_said_and_is_no_agreement(container: Container) -> None:
    container.lake.replace(delivery(rows(line("4", currency="USD")), source="quick"), run())
    (only,) = found(container, "quick").comparisons
    assert (only.agreement, only.is_fine) == (Agreement.UNASKED, True)
    assert "reconcile:" in only.reason


def test_the_rows_of_a_manifest_and_of_a_provider_are_counted(container: Container) -> None:
    counted = replace(delivery(rows(line("4"), line("5")), source="quick"), manifests={MARCH: {"rows": 3}})
    container.lake.replace(counted, run())
    sources = {"prod": Provider({MARCH: "10", APRIL: "10"}, rows=2), "quick": container.sources["quick"]}
    seen = found(replace(container, sources=sources), "quick", "prod", window=Window(MARCH, APRIL))
    manifest, provider, _ = seen.comparisons
    assert (manifest.against, manifest.rows) == ("the manifest's row count", (2, 3))
    assert manifest.agreement is Agreement.DIFFERS
    assert (provider.rows, provider.agreement) == ((1, 2), Agreement.DIFFERS)


def test_an_invoice_typed_in_goes_before_the_one_in_the_file(container: Container) -> None:
    typed = Invoice("prod", APRIL, (Money(Decimal(10), "USD"),), "--invoice")
    seen = found(container, invoices=[typed], window=Window(APRIL, None))
    assert told(seen.comparisons)[-1] == ("04", "the invoice: --invoice", Agreement.AGREES)
    assert len([one for one in seen.comparisons if "invoice" in one.against]) == 1


def test_an_invoice_for_a_month_that_was_never_collected_differs(container: Container) -> None:
    typed = Invoice("prod", date(2026, 2, 1), (Money(Decimal(7), "USD"),), "--invoice")
    seen = found(container, invoices=[typed], window=Window(None, MARCH))
    assert told(seen.comparisons) == [
        ("02", "the source quick: its rows in the lake", Agreement.UNASKED),
        ("02", "the invoice: --invoice", Agreement.DIFFERS),
    ]


def test_the_table_shows_every_digit_and_says_what_it_leaves_out(container: Container) -> None:
    own = Provider({MARCH: "10.000000000000001", APRIL: "1010"})
    seen = found(replace(container, sources={"prod": own, "quick": own}))
    console = Console(width=220, record=True, file=None, quiet=False)
    with console.capture() as captured:
        show_parts(console, as_tables(seen, most_lines=0))
    text = captured.get()
    assert "-0.000000000000001 USD" in text
    assert "1,010.00 USD" in text
    assert "-1,000.00 USD" in text
    assert "not shown: 1 more line" in text


def test_json_has_everything_exact(container: Container) -> None:
    own = Provider({MARCH: "10", APRIL: "10.5"})
    document = json.loads(as_json(found(replace(container, sources={"prod": own, "quick": own}))))
    april = document["comparisons"][2]
    assert (document["agrees"], april["agreement"], april["period"]) == (
        False,
        "differs",
        {"from": "2026-04-01", "to": "2026-05-01"},
    )
    assert april["lines"][0] == {
        "day": "2026-04-01",
        "service": "compute",
        "settled": True,
        "lake": "10.000000000000000",
        "other": "10.500000000000000",
        "difference": "-0.500000000000000",
        "currency": "USD",
    }
