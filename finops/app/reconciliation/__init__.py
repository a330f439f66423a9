"""The lake against what providers, other sources, manifests and invoices say that a billing period cost."""

from finops.app.reconciliation.reconcile import Reconciled, reconcile

__all__ = ["Reconciled", "reconcile"]
