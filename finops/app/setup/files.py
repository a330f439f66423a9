"""Answers -> finops.yaml, a first policy and its test, as a person would write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from finops.app.setup.answers import Answers, SourceAnswer
from finops.app.setup.source_catalogue import OFFERED

CONFIG, POLICY, TEST = "finops.yaml", "policies/all-spend.yaml", "policies/all-spend.test.yaml"
FILE_NAMES = (CONFIG, POLICY, TEST)

_CONFIG = """\
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
    # - {{when: "SubAccountId = '123456789012'", value: platform}}
    - else: unallocated
{receivers}"""

_NO_RATES = "# rates: {source: ecb-file, path: ./eurofxref-hist.csv}   # where a bill has another currency"

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
# finops policies test policies/
policy: all-spend
name: half of the budget is well
now: 2026-03-20T06:00:00Z
costs: |
  day,EffectiveCost
  2026-03-01..2026-03-19,{calm}
expect: [{{state: ok}}]
---
policy: all-spend
name: too fast is seen on day 20, before anything is over
now: 2026-03-20T06:00:00Z
costs: |
  day,EffectiveCost
  2026-03-01..2026-03-19,{fast}
expect: [{{state: firing, severity: warning, measure: pace, value: 129 % ± 1 %}}]
---
policy: all-spend
name: a bill that stopped is unknown, not well
now: 2026-03-20T06:00:00Z
delivered: 2026-03-10T06:00:00Z
costs: |
  day,EffectiveCost
  2026-03-01..2026-03-09,{calm}
expect: [{{state: unknown}}]
"""

_DAYS_OF_MARCH = 31
_PLAIN = re.compile(r"[A-Za-z./][\w./@+*-]*(://[\w./@+*-]*)?")
_SPECIAL = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def files_of(answers: Answers) -> Mapping[str, bytes]:
    """Relative path -> content."""
    texts = {CONFIG: _config(answers), POLICY: _policy(answers), TEST: _test(answers.budget)}
    return {name: text.encode() for name, text in texts.items()}


def _config(answers: Answers) -> str:
    return _CONFIG.format(
        currency=answers.currency,
        rates=f"rates: {{source: ecb-file, path: {_scalar(answers.rates)}}}" if answers.rates else _NO_RATES,
        sources="".join(f"  {_scalar(source.name)}: {_source(source)}\n" for source in answers.sources),
        team=_scalar(answers.team_tag),
        receivers=_receivers(answers),
    )


def lacks_rates(answers: Answers) -> bool:
    """Whether some bill surely has another currency than the verdicts, and no rates are named."""
    found = {OFFERED[source.kind].bills_in for source in answers.sources} - {""}
    return bool(found - {answers.currency}) and not answers.rates


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
    login = f", user: {_scalar(mail.user)}, password: {_reference('SMTP_PASSWORD')}" if mail.user else ""
    return _MAIL.format(to=_scalar(mail.to), smtp=f"{{host: {_scalar(mail.host)}{login}}}")


def _policy(answers: Answers) -> str:
    return _POLICY.format(amount=f"{answers.budget:f}", currency=answers.currency)


def _test(budget: Decimal) -> str:
    """Half of what is due each day, and so much that the pace is 129 %: a twenty-fourth a day, in a month of 31."""
    calm, fast = budget / (2 * _DAYS_OF_MARCH), budget / 24
    return _TEST.format(calm=_amount(calm), fast=_amount(fast))


def _amount(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.000001')).normalize():f}"


def _reference(variable: str) -> str:
    return f"{{env: {_scalar(variable)}}}"


def _scalar(text: str) -> str:
    """A YAML scalar that reads as this text, inside a flow collection too."""
    if _PLAIN.fullmatch(text) and text.lower() not in _SPECIAL:
        return text
    return "'" + text.replace("'", "''") + "'"
