"""Savings that people claimed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from finops.model.audit import AuditEntry
from finops.model.saving import SavingClaim


class SavingClaims(Protocol):
    """Savings that people claimed."""

    def all(self) -> Sequence[SavingClaim]:
        """The newest first, withdrawn ones too."""
        ...

    def record(self, claim: SavingClaim, entry: AuditEntry) -> bool:
        """In one transaction with ``entry`` in the audit log; False where its id is there already: nothing changes."""
        ...

    def withdraw(self, claim_id: str, entry: AuditEntry) -> None:
        """The same; one that was withdrawn before stays as it is."""
        ...
