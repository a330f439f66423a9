"""What a policy file needs of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, Self

from finops.model.kind_profile import KindProfile
from finops.policy.envelope import Envelope
from finops.policy.options import CommonOptions


class KindFormat(Protocol):
    """The part of ``finops.evaluate.judgement.kind.PolicyKind`` that reading a file takes.

    ``Options`` is the ``spec`` of its files; ``profile.measures`` are the names that ``when`` accepts.
    """

    profile: ClassVar[KindProfile]
    Options: ClassVar[type[CommonOptions]]

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
