"""``aws-data-export:bucket=our-bills,export=focus`` -> one source."""

from __future__ import annotations

from finops.app.setup.answers import SourceAnswer
from finops.app.setup.source_catalogue import OFFERED
from finops.documents import did_you_mean
from finops.errors import BadArguments


def parse_source(text: str) -> SourceAnswer:
    """``KIND[:KEY=VALUE[,KEY=VALUE]…]``; ``name=`` gives it another name. Raises ``BadArguments``."""
    kind, _, rest = text.partition(":")
    if kind not in OFFERED:
        raise BadArguments(
            f"'{kind}' cannot be configured by finops init",
            where=f"--source {text}",
            remedy=did_you_mean(kind, OFFERED),
        )
    offered = OFFERED[kind]
    values: dict[str, str] = {}
    for pair in filter(None, rest.split(",")):
        key, equals, value = pair.partition("=")
        if not equals:
            raise BadArguments(f"'{pair}' is not KEY=VALUE", where=f"--source {text}", remedy=_form(kind))
        values[key.strip()] = value.strip()
    name = values.pop("name", offered.name)
    keys = [question.key for question in offered.questions]
    for key in values:
        if key not in keys:
            hint = did_you_mean(key, keys) if keys else "It has no options"
            raise BadArguments(f"'{kind}' has no option '{key}' here", where=f"--source {text}", remedy=hint)
    missing = [q.key for q in offered.questions if q.default is None and not values.get(q.key)]
    if missing:
        raise BadArguments(f"{' and '.join(missing)} missing", where=f"--source {text}", remedy=_form(kind))
    defaults = {question.key: question.default or "" for question in offered.questions}
    return SourceAnswer(name, kind, defaults | values)


def _form(kind: str) -> str:
    pairs = ",".join(f"{question.key}={question.example}" for question in OFFERED[kind].questions)
    return f"Write it like --source {kind}{':' if pairs else ''}{pairs}"
