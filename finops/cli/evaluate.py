"""``finops evaluate``: verdicts once; nothing is sent."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from finops.cli.failure import tell_faults, tell_warnings
from finops.cli.globals import globals_of
from finops.cli.moments import parse_moment
from finops.cli.opening import opened
from finops.cli.terminal import echo, echo_json, show_parts, show_table


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    JUNIT = "junit"


class FailOn(StrEnum):
    WARNING = "warning"
    CRITICAL = "critical"


def evaluate(
    context: typer.Context,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="TIME", help="Evaluate as of this time, on the latest data")
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option("--policy", metavar="NAME", help="Policy to evaluate; repeatable  [default: all]"),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="Output format")] = Format.TABLE,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(
            "--fail-on", help="Exit 1 when a policy of this severity or higher fires, 3 when a verdict is unknown"
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="List ok verdicts too, not only their number")] = False,
    explain_plan: Annotated[
        bool,
        typer.Option("--explain-plan", help="Print the evaluation plan instead: scans, shared work and timings"),
    ] = False,
) -> None:
    """Evaluate all policies on the latest data. Nothing is sent; use 'finops explain' for details of a finding.

    For an invalid policy file, its last valid version is evaluated and the exit status is 2. What is lost or foreign in
    the lake is named and not counted: verdicts over it are unknown and the exit status is 4.
    """
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.values import KnownValues, unmatched, warnings_of
        from finops.cli.render.plan import plan_as_json, plan_as_tables
        from finops.cli.render.verdicts import as_json, as_junit, as_table, exit_status
        from finops.errors import BadArguments, BrokenStore, Malformed
        from finops.evaluate.cache import EvaluationCache
        from finops.evaluate.plan_report import PlanReport
        from finops.model.finding import Severity

        moment = parse_moment(as_of, "--as-of") if as_of else container.clock.now()
        cache = EvaluationCache()
        result = container.evaluator.evaluate(moment, policy or [], cache=cache)
        said = [container.policies.shown_with_substitute(fault, result.unreplaced) for fault in result.faults]
        tell_faults(options.err, (*said, *result.lake_faults))
        view = container.lake.at(container.lake.version())
        found = unmatched(result.policies, KnownValues(view)) if not result.lake_faults else []
        tell_warnings(options.err, warnings_of(found, each=bool(options.verbose)))
        if form is Format.TABLE and result.evaluation.data_version.costs is None:
            tell_warnings(options.err, ["the lake is empty: 'finops collect' fills it"])
        faulty = Malformed.exit_status if result.faults else BrokenStore.exit_status if result.lake_faults else 0
        if explain_plan:
            report = PlanReport.of(result.policies, cache, result.seconds)
            if form is Format.TABLE:
                show_parts(options.out, plan_as_tables(report))
            else:
                echo_json(plan_as_json(report))
            raise typer.Exit(faulty)
        container.state.archive.save(result.evaluation, result.inputs)
        threshold = Severity(fail_on.value) if fail_on else None
        if threshold and not result.policies:
            raise BadArguments(
                "there is no policy to fail on",
                where=", ".join(map(str, container.policies.paths)),
                remedy="Write a policy, or correct 'policies:' in finops.yaml",
            )
        if form is Format.TABLE:
            show_table(options.out, as_table(result.evaluation, everything=everything))
        elif form is Format.JSON:
            echo_json(as_json(result.evaluation.findings))
        else:
            echo(as_junit(result.evaluation, fail_on=threshold or Severity.WARNING))
        status = faulty or exit_status(result.evaluation.findings, threshold)
    if status:
        raise typer.Exit(status)
