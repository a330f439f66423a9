"""One policy as its file says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from finops.model.cost_question import ALLOCATED_COST


@dataclass(frozen=True, slots=True)
class Policy:
    """``spec`` is the rule of the policy's kind, ready to judge. ``digest`` (``sha256:…``) changes with the meaning of
    the document, not with its comments or its layout. ``text`` is the document as written, for audits; ``file`` and
    ``line`` say where it stands."""

    name: str
    kind: str
    owner: str
    description: str
    spec: Any
    digest: str
    file: str = field(compare=False)
    line: int = field(compare=False)
    text: str = field(compare=False, repr=False)


def _cost(envelope: Any) -> str:
    return ALLOCATED_COST if getattr(envelope, "allocated", False) else str(envelope.cost)


@dataclass(frozen=True, slots=True)
class WrittenPolicy:
    """A policy as people read it, with what its rule is about: ``scope`` (an SQL condition, empty for every row) and
    ``cost``, empty where it is not about costs."""

    name: str
    kind: str
    owner: str
    description: str
    digest: str
    file: str
    line: int
    text: str
    scope: str = ""
    cost: str = ""

    @classmethod
    def of(cls, policy: Policy) -> WrittenPolicy:
        envelope = getattr(policy.spec, "envelope", None)  # of a kind from another distribution it may be missing
        condition = envelope.condition if envelope is not None else None
        return cls(
            policy.name,
            policy.kind,
            policy.owner,
            policy.description,
            policy.digest,
            policy.file,
            policy.line,
            policy.text,
            scope=condition.text if condition is not None else "",
            cost=_cost(envelope) if envelope is not None else "",
        )
