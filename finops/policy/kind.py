"""What a policy file needs of its kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Protocol, Self

from finops.policy.envelope import Envelope
from finops.policy.options import CommonOptions
from finops.policy.when import Unit


class KindFormat(Protocol):
    """The part of ``finops.evaluate.judgement.kind.PolicyKind`` that reading a file takes.

    ``Options`` is the ``spec`` of its files; ``measures`` are the names that ``when`` accepts, each with the units of
    its thresholds.
    """

    kind: ClassVar[str]
    Options: ClassVar[type[CommonOptions]]
    measures: ClassVar[Mapping[str, Collection[Unit]]]

    @property
    def envelope(self) -> Envelope: ...

    @classmethod
    def from_options(cls, options: Any, envelope: Envelope) -> Self:
        """``options``: a validated instance of ``Options``."""
        ...

    @classmethod
    def currency_of(cls, options: Any) -> str | None:
        """The currency that every amount of the file must have; None when it has none."""
        ...


Kinds = Mapping[str, type[KindFormat]]
"""Policy kinds by name."""
