"""Answers -> finops.yaml, a first policy and its test, as a person would write them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.app.setup.answers import Answers, SourceAnswer
from finops.app.setup.source_catalogue import OFFERED
from finops.model.cost_question import equals
from finops.model.untrusted import one_line

if TYPE_CHECKING:
    from finops.app.survey import Survey

CONFIG, POLICY, TEST = "finops.yaml", "policies/all-spend.yaml", "policies/all-spend.test.yaml"
FILE_NAMES = (CONFIG, POLICY, TEST)
"""What people edit: never overwritten unasked."""

_CONFIG = """\
# yaml-language-server: $schema=.finops/config.schema.json
# Written by 'finops init'. Check it after each change: finops config check
apiVersion: finops/v1
policies: ./policies                  # files, directories or globs; *.test.yaml are tests
lake: ./var/lake                      # a directory, s3://bucket/prefix or abfss://container@account/prefix
state: sqlite:///var/state.db         # replicas share {{env: STATE_URL}} with postgresql+psycopg://user@host/name
currency: {currency}                         # of every verdict
{rates}
timezone: UTC
settling: 48h                         # a day younger than this is provisional
http: {{listen: "127.0.0.1:9700"}}      # beyond loopback it needs auth

sources:
{sources}
dimensions:                           # columns of your own, for scopes and group_by
  team:
    - tags: [{team}]  # the first tag that is set
{accounts}    - else: unallocated
{receivers}"""

_NO_RATES = "# rates: {source: ecb-file, path: ./eurofxref-hist.csv}   # where a bill has another currency"

_EXAMPLE_ACCOUNT = """    # - {when: "SubAccountId = '123456789012'", value: platform}"""

_MAIL = """
receivers:
  mail:
    kind: email
    to: [{to}]
    smtp: {smtp}
routes:
  - {{match: {{}}, to: [mail], repeat: 24h}}
"""

_POLICY = """\
# yaml-language-server: $schema=../.finops/policies.schema.json
# What everything may cost in a month. Next: one budget a team, with scope: team = '…' (docs/policies/budget.md)
apiVersion: finops/v1
kind: Budget
metadata: {{name: all-spend, owner: finops, description: What everything may cost in a month}}
spec:
  scope: ChargeCategory <> 'Tax'
  cost: EffectiveCost                              # amortised; BilledCost is what is invoiced
  period: month
  amount: {amount} {currency}
  alerts:
    - {{when: spent > 80%, severity: info}}
    - {{when: pace > 110%, severity: warning}}       # faster than the share of the budget that is due by now
    - {{when: forecast > 105%, severity: warning}}   # fires on the forecast's lower bound
    - {{when: spent > 100%, severity: critical}}
"""

_TEST = """\
# yaml-language-server: $schema=../.finops/tests.schema.json
# finops policies test policies/
# 'spec' replaces values of the policy in a test: these tests hold whatever amount the policy has
policy: all-spend
name: half of what is due is ok
now: 2026-03-20T06:00:00Z
spec: {{amount: 3100 {currency}}}
costs: |
  day,EffectiveCost
  2026-03-01..2026-03-19,50
expect: [{{state: ok}}]
---
policy: all-spend
name: overspend is detected on day 20, before the budget is exceeded
now: 2026-03-20T06:00:00Z
spec: {{amount: 3100 {currency}}}
costs: |
  day,EffectiveCost
  2026-03-01..2026-03-19,129
expect: [{{state: firing, severity: warning, measure: pace, value: 129 % ± 1 %}}]
---
policy: all-spend
name: without newer bills the verdict is unknown, not ok
now: 2026-03-20T06:00:00Z
delivered: 2026-03-10T06:00:00Z
spec: {{amount: 3100 {currency}}}
costs: |
  day,EffectiveCost
  2026-03-01..2026-03-09,50
expect: [{{state: unknown}}]
"""

_ACCOUNTS = 3
"""So many of the accounts without a tag are proposed, the most expensive first."""
_WORTH_A_LINE = Decimal("0.01")
_PLAIN = re.compile(r"[A-Za-z./][\w./@+*-]*(://[\w./@+*-]*)?")
_SPECIAL = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def files_of(answers: Answers) -> Mapping[str, bytes]:
    """Relative path -> content."""
    texts = {CONFIG: _config(answers), POLICY: policy_text(answers), TEST: _TEST.format(currency=answers.currency)}
    return {name: text.encode() for name, text in texts.items()}


def policy_text(answers: Answers) -> str:
    """The first policy."""
    return _POLICY.format(amount=f"{answers.budget:f}", currency=answers.currency)


def _config(answers: Answers) -> str:
    return _CONFIG.format(
        currency=answers.currency,
        rates=f"rates: {{source: ecb-file, path: {_scalar(answers.rates)}}}" if answers.rates else _NO_RATES,
        sources="".join(f"  {_scalar(source.name)}: {_source(source)}\n" for source in answers.sources),
        team=", ".join(map(_scalar, answers.team_tags)),
        accounts=_accounts(answers),
        receivers=_receivers(answers),
    )


def lacks_rates(answers: Answers) -> bool:
    """Whether some bill surely has another currency than the verdicts, and no rates are named."""
    return bool(foreign_currencies(answers)) and not answers.rates


def foreign_currencies(answers: Answers) -> list[str]:
    """What bills are surely in, besides the currency of the verdicts."""
    found = {OFFERED[source.kind].bills_in for source in answers.sources} - {""}
    found.update(answers.survey.currencies if answers.survey else ())
    return sorted(found - {answers.currency})


def findings_of(found: Survey) -> Iterator[str]:
    """What bills say that a configuration is proposed from: lines for people."""
    yield f"The bills are in {', '.join(found.currencies)}, from {found.first} through {found.newest}."
    tags = [f"{one_line(key)} ({share:.0%} of the cost)" for key, share in list(found.owner_tags.items())[:3]]
    yield f"Tags that name an owner: {', '.join(tags) or 'none'}."


def _accounts(answers: Answers) -> str:
    """Accounts that no tag gives an owner, ready to be given one."""
    untagged = answers.survey.untagged[:_ACCOUNTS] if answers.survey else ()
    lines = [
        f"    # - {{when: {_quoted(equals('SubAccountId', account))}, value: …}}"
        f"   # {share:.0%} of the cost, no such tag" + (f": {one_line(name)}" if name else "")
        for account, name, share in untagged
        if share >= _WORTH_A_LINE
    ]
    return "".join(f"{line}\n" for line in lines or [_EXAMPLE_ACCOUNT])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _source(source: SourceAnswer) -> str:
    offered = OFFERED[source.kind]
    parts = [f"kind: {source.kind}"]
    for question in offered.questions:
        value = source.values.get(question.key, "")
        if value:
            parts.append(f"{question.key}: {_reference(value) if question.form == 'env' else _scalar(value)}")
    return f"{{{', '.join([*parts, offered.fixed])}}}"


def _receivers(answers: Answers) -> str:
    mail = answers.mail
    if mail is None:
        return ""
    host, _, port = mail.host.rpartition(":") if mail.host.count(":") == 1 else (mail.host, "", "")
    parts = [f"host: {_scalar(host)}"]
    if port:
        parts.append(f"port: {port}")
    if mail.user:
        parts.append(f"user: {_scalar(mail.user)}, password: {_reference('SMTP_PASSWORD')}")
    elif host in _THIS_MACHINE:
        parts.append("security: none")  # a relay beside us has no certificate
    return _MAIL.format(to=_scalar(mail.to), smtp=f"{{{', '.join(parts)}}}")


_THIS_MACHINE = ("localhost", "127.0.0.1")


def _reference(variable: str) -> str:
    return f"{{env: {_scalar(variable)}}}"


def _scalar(text: str) -> str:
    """A YAML scalar that reads as this text, inside a flow collection too."""
    if _PLAIN.fullmatch(text) and text.lower() not in _SPECIAL:
        return text
    return "'" + text.replace("'", "''") + "'"
