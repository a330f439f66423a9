"""``finops policies``: for those who write policy files."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from finops.cli.failure import tell_warnings, told
from finops.cli.globals import Globals, globals_of
from finops.cli.moments import parse_day
from finops.cli.opening import opened
from finops.cli.progress import Days
from finops.cli.terminal import echo, echo_json, show_table
from finops.errors import BadArguments
from finops.model.wording import count_text

if TYPE_CHECKING:
    from finops.app.policies.check import Checked
    from finops.app.policies.context import PolicyContext

app = typer.Typer(no_args_is_help=True, help="Check, test and backtest policy files.")

_SHOWN = 5
"""Names of skipped files."""

Paths = Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or directories")]


class BacktestFormat(StrEnum):
    TABLE = "table"
    JSON = "json"


class TestFormat(StrEnum):
    TABLE = "table"
    JSON = "json"
    JUNIT = "junit"


@app.command()
def check(
    context: typer.Context,
    paths: Paths,
    estimate: Annotated[
        Path | None,
        typer.Option("--estimate", metavar="FILE", help="Show what this Infracost estimate does to budgets"),
    ] = None,
    billed_with: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="COLUMN=VALUE", help="What the estimated resources will be billed with"),
    ] = None,
) -> None:
    """Check policy and test files, and list all errors. Exit status 2 when there are any.

    With --estimate, show how a change of infrastructure moves the remainder and the forecast of each budget. Needs the
    lake.
    """
    options = globals_of(context)
    if billed_with and estimate is None:
        raise typer.BadParameter("needs --estimate", param_hint="--with")
    with told(options):
        from finops.app.policies.check import counted, doubtful

        _, checked = _checked(options, paths)
        _tell_others(options, paths)
        tell_warnings(options.err, doubtful(checked.policies))
        _warn_of_values(options, paths, checked)
        options.out.print(f"{counted(checked)} in {_listed(paths)}: no errors")
    if estimate is not None:
        _show_estimate(options, estimate, checked, billed_with or [])


def _show_estimate(options: Globals, path: Path, checked: Checked, billed_with: list[str]) -> None:
    with opened(options) as container:
        from finops.app.policies.estimate import read_estimate
        from finops.app.policies.estimate_effect import Rows, effects_on_budgets
        from finops.cli.render import estimate as shown
        from finops.focus.schema import condition_columns

        pairs = dict(_pair(text) for text in billed_with)
        rows = Rows(container.config.dimensions, condition_columns(), pairs)
        estimate, now = read_estimate(path), container.clock.now()
        budgets = [one for one in checked.policies if container.profiles.of(one.kind).against_limit]
        if not budgets:
            raise BadArguments("no budget found", where="--estimate", remedy="Pass files or directories with budgets")
        settings = container.settings.read()
        findings = container.evaluator.judge(budgets, now).findings
        today = now.astimezone(settings.timezone).date()
        effects = effects_on_budgets(estimate, budgets, findings, rows, settings.rates, today)
        for line in shown.summary(estimate, effects, settings.rates, today):
            options.out.print(line, soft_wrap=True)
        show_table(options.out, shown.effects_table(effects), empty="no budget is surely concerned")
        for line in shown.notes(effects):
            options.out.print(line, soft_wrap=True)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name.strip() or not equals:
        raise BadArguments(f"'{text}' names no column and value", where="--with", remedy="Write it like SubAccountId=1")
    return name.strip(), value


@app.command("test")
def run_tests(
    context: typer.Context,
    paths: Paths,
    form: Annotated[TestFormat, typer.Option("--format", help="Output format")] = TestFormat.TABLE,
) -> None:
    """Run policy tests (*.test.yaml). Exit status 1 when a test fails, 2 when a file is invalid."""
    options = globals_of(context)
    with told(options):
        from finops.app.policies.run_tests import run_case
        from finops.cli.render import policy_tests as formats

        policy_context, checked = _checked(options, paths)
        if not checked.cases:
            remedy = "Add one to a file whose name ends in .test.yaml; see docs/policies/testing.md"
            raise BadArguments("no tests found", where=_listed(paths), remedy=remedy)
        tested = [run_case(case, policy_context) for case in checked.cases]
        if form is TestFormat.TABLE:
            options.out.print(formats.tests_as_table(tested), soft_wrap=True)
        else:
            echo_json(formats.tests_as_json(tested)) if form is TestFormat.JSON else echo(
                formats.tests_as_junit(tested)
            )
    if not all(one.passed for one in tested):
        raise typer.Exit(1)


@app.command("backtest")
def run_backtest(
    context: typer.Context,
    paths: Paths,
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="First day")],
    end: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Exclusive end  [default: today]")] = None,
    form: Annotated[BacktestFormat, typer.Option("--format", help="Output format")] = BacktestFormat.TABLE,
) -> None:
    """Show when each policy would have fired, day by day.

    Each day is evaluated on the data known on that day, where the lake still holds it. Alerts are not changed. Exit
    status 0 whether or not a policy fired.
    """
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.evaluation.backtest import backtest, days_between
        from finops.app.policies.check import check_policies
        from finops.app.policies.context import policy_context_of
        from finops.cli.render import backtest as formats

        period = days_between(
            parse_day(first, "--from"), parse_day(end, "--to") if end else None, today=container.clock.now().date()
        )
        policy_context = policy_context_of(container.config)
        policies = check_policies(paths, policy_context).policies
        if not policies:
            raise BadArguments("no policies found", where=_listed(paths), remedy="Pass policy files or directories")
        with Days(options.err, period.days) as days:
            processes = container.backtest_processes(period.days, len(policies))
            tested = backtest(
                container.evaluator,
                policies,
                period,
                now=container.clock.now(),
                done=days.done,
                processes=processes,
            )
        if form is BacktestFormat.TABLE:
            show_table(options.out, formats.backtest_as_table(tested))
        else:
            echo_json(formats.backtest_as_json(tested))


@app.command("confirm-removal")
def confirm_removal(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[POLICY]...", help="Default: all that are missing")
    ] = None,
) -> None:
    """Confirm that missing policies are removed for good: the service withdraws their alerts at its next evaluation.

    Without it, alerts stay for five minutes when more than half of the policies disappear at once, and for as long as a
    file that cannot be read may hold the policy.
    """
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.policies.policy_files import confirm_removals

        confirmed = confirm_removals(container.policies, container.state, names or [])
        if not confirmed:
            options.out.print("no policy is missing")
        for name in confirmed:
            options.out.print(f"removal confirmed: {name}")


@app.command()
def preview(
    context: typer.Context,
    paths: Paths,
    days: Annotated[int, typer.Option("--days", min=1, max=400, help="Days up to today, or to the newest bill")] = 90,
    fires: Annotated[
        int, typer.Option("--fires", min=1, help="Propose a threshold that would have fired so often")
    ] = 3,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html", metavar="DIR", help="Write the pages that the policies would have, to open in a browser"
        ),
    ] = None,
) -> None:
    """Show each policy's numbers day by day: lowest, highest, latest, and when it would have fired.

    Files need not be live yet. Days before the lake began are evaluated on the data of now. Nothing is stored, sent or
    published.
    """
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.evaluation import draft
        from finops.app.evaluation.backtest import backtest
        from finops.app.evaluation.preview import newest_days
        from finops.app.policies.check import check_policies
        from finops.app.policies.context import policy_context_of
        from finops.cli.render.preview import as_text

        policies = check_policies(paths, policy_context_of(container.config)).policies
        if not policies:
            raise BadArguments("no policies found", where=_listed(paths), remedy="Pass policy files or directories")
        if html is not None:
            draft.check_folder(html)
        now = container.clock.now()
        period = newest_days(container.lake.at(container.lake.version()), days, today=now.date())
        with Days(options.err, period.days) as progress:
            processes = container.backtest_processes(period.days, len(policies))
            tested = backtest(container.evaluator, policies, period, now=now, done=progress.done, processes=processes)
        if html is None:
            options.out.print(as_text(tested, fires=fires), soft_wrap=True)
            return
        from finops.app.exporters import pages_exporter

        url = container.config.http.external_url
        made = draft.draft_of(container.evaluator, policies, tested, now=now, service_url=url)
        with options.err.status("drawing"):
            draft.write_draft(pages_exporter().draft(made, container.profiles), html)
        said = (
            f"{count_text(len(policies), 'policy', 'policies')}, {count_text(len(made.snapshot.findings), 'verdict')}"
        )
        options.out.print(f"{said}: {html / 'index.html'}", soft_wrap=True, highlight=False)


@app.command()
def diff(
    context: typer.Context,
    base: Annotated[Path, typer.Argument(metavar="BASE", help="Policy files before the change: a file or directory")],
    head: Annotated[Path, typer.Argument(metavar="HEAD", help="Policy files after the change")],
    days: Annotated[int, typer.Option("--days", min=1, max=400, help="Days to compare, up to the newest bill")] = 90,
) -> None:
    """Compare two versions of policy files, as a Markdown comment for a pull request.

    Shows which policies changed, their verdicts now, and their alerts and unknown days before. Prints nothing when no
    policy changed. Exit status 0 whether or not a policy fires.
    """
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.evaluation.policy_diff import compare_policies
        from finops.app.evaluation.preview import newest_days
        from finops.app.policies.check import check_policies
        from finops.app.policies.context import policy_context_of
        from finops.cli.render.policy_diff import as_markdown

        around = policy_context_of(container.config)
        before, after = (check_policies([path], around).policies for path in (base, head))
        now = container.clock.now()
        period = newest_days(container.lake.at(container.lake.version()), days, today=now.date())
        with Days(options.err, 2 * period.days) as progress:
            found = compare_policies(container.evaluator, before, after, period, now=now, done=progress.done)
        said = as_markdown(found)
    if said:
        echo(said.rstrip())


@app.command("import")
def import_sheet(
    context: typer.Context,
    sheet: Annotated[Path, typer.Argument(metavar="SHEET", help="CSV or XLSX file")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Policy file to write")],
) -> None:
    """Write budgets from a sheet (name, owner, scope, parent, a column per month) as a policy file.

    Lists every error by row and column, and where the parts of a budget do not add up to it.
    """
    options = globals_of(context)
    with told(options):
        from finops.app.policies.budget_sheet import MARK, read_budget_sheet
        from finops.app.policies.context import nearest_config, read_policy_context

        config = nearest_config([out], options.config)
        known = read_policy_context(config)
        if out.exists() and not out.read_text(encoding="utf-8", errors="replace").startswith(MARK):
            raise BadArguments(
                "the file exists and was not imported from a sheet", where=str(out), remedy="Choose another --out"
            )
        currency = known.settings.currency if config is not None else ""
        found = read_budget_sheet(sheet, known.known.columns, currency)
        try:
            out.write_text(found.text(), encoding="utf-8")
        except OSError as error:
            raise BadArguments(
                f"the file cannot be written ({error.strerror})", where=str(out), remedy="Choose another --out"
            ) from error
        tell_warnings(options.err, found.differences)
        number = count_text(len(found.budgets), "budget")
        options.out.print(f"{number} of {sheet} written to {out}; 'finops policies check {out}' checks them")


@app.command()
def schema(
    context: typer.Context,
    tests: Annotated[
        bool, typer.Option("--tests", help="Print the schema of test files (*.test.yaml) instead")
    ] = False,
    with_values: Annotated[
        bool, typer.Option("--with-values", help="Let editors complete conditions with the values in the lake")
    ] = False,
) -> None:
    """Print the JSON Schema of policy files, for editors."""
    from finops.config.plugins import policy_kinds
    from finops.policy.schema import policy_schema
    from finops.policy.testing import policy_test_schema

    kinds = policy_kinds().load_all()
    scopes: list[str] = []
    if with_values:
        with opened(globals_of(context)) as container:
            from finops.app.values import conditions_of

            scopes = conditions_of(container.lake.at(container.lake.version()), container.config.dimension_names)
    made = policy_test_schema({name for kind in kinds.values() for name in kind.profile.measures})
    echo_json(json.dumps(made if tests else policy_schema(kinds, scopes), indent=1))


def _warn_of_values(options: Globals, paths: list[Path], checked: Checked) -> None:
    """Values that no row has, where the lake is a folder: a check needs no network and no credentials."""
    from finops.app.policies.context import nearest_config

    config = nearest_config(paths, options.config)
    if config is None:
        return
    from finops.config import load_config
    from finops.focus.schema import condition_columns
    from finops.objectstore.location import Location

    read = load_config(config, condition_columns())
    location = Location.parse(read.lake_uri, base=read.base, endpoint=read.lake_endpoint)
    if not location.is_local or not location.path.is_dir():
        return
    from finops.app.clock import SystemClock
    from finops.app.open_lake import open_lake
    from finops.app.values import KnownValues, unmatched, warnings_of

    lake = open_lake(read, SystemClock(), read.dimensions, read.timezone)
    found = unmatched(checked.policies, KnownValues(lake.at(lake.version())))
    tell_warnings(options.err, warnings_of(found, each=bool(options.verbose)))


def _checked(options: Globals, paths: list[Path]) -> tuple[PolicyContext, Checked]:
    from finops.app.policies.check import check_policies
    from finops.app.policies.context import nearest_config, read_policy_context

    config = nearest_config(paths, options.config)
    if config is None:
        note = "no finops.yaml was found: dimensions and demand series are not known. Use -c to name it"
        options.err.print(note, style="yellow")
    policy_context = read_policy_context(config)
    return policy_context, check_policies(paths, policy_context)


def _listed(paths: list[Path]) -> str:
    return ", ".join(str(path) for path in paths)


def _tell_others(options: Globals, paths: list[Path]) -> None:
    from finops.model.wording import count_text
    from finops.policy.files import other_files

    if others := other_files(paths):
        shown = ", ".join(str(path) for path in others[:_SHOWN]) + (", …" if len(others) > _SHOWN else "")
        note = f"skipped {count_text(len(others), 'YAML file')} without a policy: "
        options.err.print(note + shown, style="yellow", soft_wrap=True)
