"""The lake's tables beside the costs: ``commitments`` (what was agreed) and ``invoices`` (what was invoiced)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

import polars as pl

from finops.model.money import SCALE

RecordTable = Literal["commitments", "invoices"]

_MONEY = pl.Decimal(38, SCALE)
_MOMENT = pl.Datetime("us", "UTC")


class Dataset(StrEnum):
    """Where rows of these tables come from, as their column ``dataset`` says it: a dataset of FOCUS 1.4 that was
    delivered, rows of ``costs`` (Cost and Usage), or ``invoices:`` of finops.yaml."""

    CONTRACT_COMMITMENT = "ContractCommitment"
    INVOICE_DETAIL = "InvoiceDetail"
    BILLING_PERIOD = "BillingPeriod"
    COST_AND_USAGE = "CostAndUsage"
    CONFIGURATION = "Configuration"

    @property
    def title(self) -> str:  # type: ignore[override] # a name for people, not str.title
        """As the specification writes it."""
        return _TITLES[self]


_TITLES = {
    Dataset.CONTRACT_COMMITMENT: "Contract Commitment",
    Dataset.INVOICE_DETAIL: "Invoice Detail",
    Dataset.BILLING_PERIOD: "Billing Period",
    Dataset.COST_AND_USAGE: "Cost and Usage",
    Dataset.CONFIGURATION: "finops.yaml",
}

TABLE_OF: Mapping[Dataset, RecordTable] = MappingProxyType(
    {
        Dataset.CONTRACT_COMMITMENT: "commitments",
        Dataset.INVOICE_DETAIL: "invoices",
        Dataset.BILLING_PERIOD: "invoices",
    }
)
"""Delivered datasets and the table that takes their rows."""

COMMITMENT_LABELS = (
    "ServiceProviderName",
    "InvoiceIssuerName",
    "BillingAccountId",
    "BillingAccountName",
    "SubAccountId",
    "SubAccountName",
)
"""What a row of ``commitments`` says of whose the commitment is; dimensions are worked out from it."""

_OWN: Mapping[str, pl.DataType] = MappingProxyType(
    {"source": pl.String(), "dataset": pl.String(), "billing_period": pl.Date(), "delivery": pl.String()}
)
"""``billing_period``: of the costs or the invoice; null for a delivered commitment. ``delivery``: what the row was made
from, a digest."""

COMMITMENTS_SCHEMA = pl.Schema(
    {
        **_OWN,
        **dict.fromkeys(COMMITMENT_LABELS, pl.String()),
        **dict.fromkeys(
            (
                "BillingCurrency",
                "ContractId",
                "ContractCommitmentApplicability",
                "ContractCommitmentBenefitCategory",
                "ContractCommitmentCategory",
                "ContractCommitmentDescription",
                "ContractCommitmentDurationType",
                "ContractCommitmentFulfillmentInterval",
                "ContractCommitmentId",
                "ContractCommitmentLifecycleStatus",
                "ContractCommitmentModel",
                "ContractCommitmentOfferCategory",
                "ContractCommitmentPaymentInterval",
                "ContractCommitmentPaymentModel",
                "ContractCommitmentType",
                "ContractCommitmentUnit",
                "PricingCurrency",
            ),
            pl.String(),
        ),
        **dict.fromkeys(
            (
                "ContractCommitmentCost",
                "ContractCommitmentDiscountPercentage",
                "ContractCommitmentPaymentUpfrontPercentage",
                "ContractCommitmentQuantity",
                "PricingCurrencyContractCommitmentCost",
                "BilledCost",
                "x_UsedCost",
                "x_UnusedCost",
                "x_AppliedCost",
                "x_AppliedQuantity",
            ),
            _MONEY,
        ),
        **dict.fromkeys(
            (
                "ContractCommitmentCreated",
                "ContractCommitmentLastUpdated",
                "ContractCommitmentPeriodStart",
                "ContractCommitmentPeriodEnd",
                "ContractPeriodStart",
                "ContractPeriodEnd",
                "x_LastChargePeriodEnd",
            ),
            _MOMENT,
        ),
    }
)
"""FOCUS 1.4 Contract Commitment. Rows from costs are one a commitment, billing period and currency: ``BilledCost`` of
its purchases, EffectiveCost of what was used and unused (``x_UsedCost``, ``x_UnusedCost``), what ContractApplied says
(``x_AppliedCost``, ``x_AppliedQuantity`` in ContractCommitmentUnit), and the end of its newest charge. Amounts are in
BillingCurrency."""

INVOICES_SCHEMA = pl.Schema(
    {
        **_OWN,
        **dict.fromkeys(
            (
                "BillingAccountId",
                "BillingCurrency",
                "BillingPeriodStatus",
                "ChargeCategory",
                "InvoiceDetailDescription",
                "InvoiceDetailGrain",
                "InvoiceDetailId",
                "InvoiceId",
                "InvoiceIssueStatus",
                "InvoiceIssuerName",
                "PaymentCurrency",
                "PaymentCurrencyInvoiceDetailId",
                "PaymentTerms",
                "PurchaseOrderNumber",
                "ReferenceInvoiceId",
            ),
            pl.String(),
        ),
        **dict.fromkeys(("BilledCost", "PaymentCurrencyBilledCost"), _MONEY),
        **dict.fromkeys(
            (
                "BillingPeriodCreated",
                "BillingPeriodEnd",
                "BillingPeriodLastUpdated",
                "BillingPeriodStart",
                "InvoiceDetailCreated",
                "InvoiceDetailLastUpdated",
                "InvoiceIssueDate",
                "PaymentDueDate",
            ),
            _MOMENT,
        ),
    }
)
"""FOCUS 1.4 Invoice Detail and Billing Period: a row with a BillingPeriodStatus is a billing period and has no cost.
Rows from costs are the sums of BilledCost by invoice and charge category; rows from finops.yaml have no InvoiceId."""

SCHEMAS: Mapping[RecordTable, pl.Schema] = MappingProxyType(
    {"commitments": COMMITMENTS_SCHEMA, "invoices": INVOICES_SCHEMA}
)


@dataclass(frozen=True, slots=True)
class NewRecords:
    """Everything that one dataset of a source says. ``frame``: any columns of the table's schema. ``digest`` changes
    when, and only when, the content does."""

    table: RecordTable
    source: str
    dataset: Dataset
    frame: pl.DataFrame
    digest: str
