"""The demo's finops.yaml: what a newcomer reads first, so it is written as a person would write it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from finops.demo.organisation import AI_PROJECTS, AWS_ACCOUNTS, AZURE_ACCOUNTS, ORGANISATION, TEAMS, UNALLOCATED
from finops.model.invoice import Invoice

_TEXT = """\
# The demo's configuration: bills from four providers, demand beside them, budgets in EUR.
apiVersion: finops/v1
policies:
{policies}
lake: ./var/lake
state: sqlite:///var/state.db
currency: EUR
rates: {{source: ecb-file, path: ./rates.csv}}
timezone: UTC
settling: 48h                       # a day younger than this is provisional
http: {{listen: "127.0.0.1:{port}"}}

sources:
  aws:        {{kind: focus-files, path: ./bills/aws}}          # FOCUS 1.0, Parquet, USD
  azure:      {{kind: focus-files, path: ./bills/azure}}        # FOCUS 1.2, CSV.gz, EUR
  datacentre: {{kind: focus-files, path: ./bills/datacentre}}   # FOCUS 1.3, CSV, EUR
  ai:         {{kind: focus-files, path: ./bills/ai}}           # FOCUS 1.4, CSV.gz, USD

{invoices}demand:
  orders:   {{kind: csv, path: ./demand/orders.csv, unit: orders}}
  visitors: {{kind: csv, path: ./demand/visitors.csv, unit: visitors}}
  requests: {{kind: csv, path: ./demand/requests.csv, unit: requests}}
  tokens:   {{kind: csv, path: ./demand/tokens.csv, unit: tokens}}

value:                              # what the shop earns: compared with cost by policies of the kind Value
  revenue: {{kind: csv, path: ./value/revenue.csv, currency: EUR}}

emissions:
  aws-carbon:        {{kind: csv, path: ./emissions/aws.csv, provider: AWS}}
  azure-carbon:      {{kind: csv, path: ./emissions/azure.csv, provider: Microsoft}}
  datacentre-carbon: {{kind: csv, path: ./emissions/datacentre.csv, provider: {organisation} IT}}

dimensions:
  team:                             # the tag where there is one, else the account's owner
    - tags: [team, Team, owner]
{teams}
    - else: {unallocated}
  environment:
    - tags: [environment, env]
    - when: "SubAccountName LIKE '%-staging'"
      value: staging
    - when: "SubAccountName LIKE '%-dev' OR SubAccountName LIKE '%sandbox' OR SubAccountName = 'default'"
      value: dev
    - else: prod
  product:
    - tags: [product]
    - else: shared

allocations:                        # shared costs, moved to those who use what they pay for
  shared-platform:
    scope: team = 'platform' AND environment = 'prod'
    to: team
    by: {{weights: {{checkout: 40, search: 25, data: 25, ml: 10}}}}
  support:
    scope: ServiceName = 'AWS Support (Business)'
    to: team
    by: {{spend: {{scope: "source = 'aws'"}}}}

teams:
  checkout:
    cost_centre: "4711"
    owners: [team-checkout@example.com]
    digest: {{receiver: finance, weekday: monday}}      # once a week, to the owners
  search:   {{cost_centre: "4712", owners: [team-search@example.com]}}
  platform: {{cost_centre: "4720", owners: [team-platform@example.com]}}
  data:     {{cost_centre: "4730", owners: [team-data@example.com]}}
  ml:       {{cost_centre: "4740", owners: [team-ml@example.com]}}

receivers:
  finance:                          # the demo keeps a mailbox of its own: see the folder mail/
    kind: email
    from: finops@example.com
    to: [finance@example.com]
    smtp: {{host: 127.0.0.1, port: {smtp_port}, security: none}}

routes:
  - match: {{severity: critical}}
    to: [finance]
    repeat: 24h
  - match: {{kind: Budget}}
    to: [finance]
    repeat: 72h
"""


def write_config(
    out: Path, *, port: int, smtp_port: int, policies: Sequence[Path], invoices: Sequence[Invoice] = ()
) -> Path:
    """``finops.yaml`` in the folder ``out``, for data that ``write_demo`` made there; returns its path.

    ``policies``: folders or files of policies, beside the demo's own ``policies/``; inside ``out`` they are written
    relative, elsewhere absolute. ``invoices``: what a person would have typed in, one currency each.
    """
    path = out / "finops.yaml"
    paths = [_shown(policy, out) for policy in (*policies, out / "policies")]
    text = _TEXT.format(
        policies="\n".join(f"  - {_quoted(shown)}" for shown in dict.fromkeys(paths)),
        teams="\n".join(_team_steps()),
        port=port,
        smtp_port=smtp_port,
        unallocated=UNALLOCATED,
        organisation=ORGANISATION,
        invoices=_invoices(invoices),
    )
    path.write_text(text, encoding="utf-8")
    return path


def _invoices(invoices: Sequence[Invoice]) -> str:
    lines: dict[str, list[str]] = {}
    for invoice in invoices:
        amounts = ", ".join(str(total) for total in invoice.totals)
        lines.setdefault(invoice.source, []).append(f"{invoice.billing_period:%Y-%m}: {amounts}")
    written = "".join(f"  {source}: {{{', '.join(months)}}}\n" for source, months in lines.items())
    return f"invoices:                           # totals of BilledCost, taxes included\n{written}\n" if written else ""


def _shown(policy: Path, out: Path) -> str:
    absolute = policy.resolve()
    if absolute.is_relative_to(out.resolve()):
        return f"./{absolute.relative_to(out.resolve()).as_posix()}"
    return absolute.as_posix()


def _quoted(text: str) -> str:
    """A YAML scalar: single quotes, doubled inside."""
    return "'" + text.replace("'", "''") + "'"


def _team_steps() -> list[str]:
    accounts = (*AWS_ACCOUNTS, *AZURE_ACCOUNTS, *AI_PROJECTS)
    steps = []
    for team in TEAMS:
        ids = [account.id for account in accounts if account.team == team]
        if ids:
            steps += [f'    - when: "SubAccountId IN ({", ".join(map(repr, ids))})"', f"      value: {team}"]
    return steps
