"""Generic budgets over different scopes and groups: the policies of the benchmarks."""

from __future__ import annotations

from collections.abc import Iterator

from finops.evaluate.kinds.budget import Budget
from finops.focus.schema import condition_columns
from finops.model.policy import Policy
from finops.policy.load import read_policies

DIMENSIONS = ("team", "environment", "product")
_ENVIRONMENTS = ("prod", "staging", "dev")


def scopes(count: int) -> Iterator[tuple[str, str]]:
    """Condition and ``group_by`` of each policy: ten shapes over six columns, all of them different."""
    for number in range(count):
        of, shape = divmod(number, 10)
        team, service, account = f"team-{of % 40}", f"Service {of % 80}", f"{100_000_000_000 + of % 200}"
        product, environment = f"product-{of % 60}", _ENVIRONMENTS[of % 3]
        beyond = f" AND SubAccountId <> '{number}'"  # so that none is another one's twin
        yield [
            (f"team = '{team}'{beyond}", ""),
            (f"team = '{team}' AND environment = '{environment}'{beyond}", ""),
            (f"SubAccountId = '{account}' AND RegionId <> '{number}'", ""),
            (f"SubAccountId = '{account}' AND ServiceName = '{service}' AND RegionId <> '{number}'", ""),
            (f"product = '{product}' AND environment IN ('prod', 'staging'){beyond}", ""),
            (f"ServiceName = '{service}'{beyond}", ""),
            (f"ServiceName LIKE 'Service {of % 80}%' AND environment = 'prod'{beyond}", ""),
            (f"team = '{team}'{beyond}", "environment"),
            (f"product = '{product}'{beyond}", "environment"),
            (f"RegionId = 'region-{of % 12}' AND team = '{team}'{beyond}", ""),
        ][shape]


def text(count: int, *, period: str = "month", forecast: bool = False) -> str:
    alerts = ["{when: spent > 100%, severity: critical}", "{when: pace > 110%, severity: warning}"]
    if forecast:
        alerts.append("{when: forecast > 100%, severity: warning}")
    documents = []
    for number, (scope, group_by) in enumerate(scopes(count)):
        grouped = f"  group_by: [{group_by}]\n" if group_by else ""
        documents.append(
            f"apiVersion: finops/v1\nkind: Budget\nmetadata: {{name: budget-{number:05}, owner: team-{number % 40}}}\n"
            f'spec:\n  scope: "{scope}"\n{grouped}  period: {period}\n  amount: 999999999 USD\n'
            f"  alerts: [{', '.join(alerts)}]\n"
        )
    return "---\n".join(documents)


def policies(count: int, *, period: str = "month", forecast: bool = False) -> list[Policy]:
    return read_policies(
        text(count, period=period, forecast=forecast),
        shown_as="budgets.yaml",
        kinds={"Budget": Budget},
        columns=condition_columns().with_dimensions(DIMENSIONS),
        demand=[],
    )
