"""Which format a file's columns are: FOCUS's datasets, and the providers' own bills."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType

from finops.collect.azure.headers import own_name
from finops.model.cell import plain_name
from finops.ports.records import Dataset


class Format(Enum):
    """What a bill or the file beside a bill is, as messages call it."""

    COST_AND_USAGE = "FOCUS Cost and Usage"
    CONTRACT_COMMITMENT = "FOCUS Contract Commitment"
    BILLING_PERIOD = "FOCUS Billing Period"
    INVOICE_DETAIL = "FOCUS Invoice Detail"
    CUR = "AWS Cost and Usage Report 2.0"
    LEGACY_CUR = "legacy AWS Cost and Usage Report"
    AZURE_DETAILS = "Azure cost and usage details"
    OCI_COST = "OCI cost report"
    OCI_USAGE = "OCI usage report"
    GCP_EXPORT = "Google Cloud billing export"
    UNKNOWN = "unknown"


DATASETS: Mapping[Format, Dataset] = MappingProxyType(
    {
        Format.CONTRACT_COMMITMENT: Dataset.CONTRACT_COMMITMENT,
        Format.BILLING_PERIOD: Dataset.BILLING_PERIOD,
        Format.INVOICE_DETAIL: Dataset.INVOICE_DETAIL,
    }
)
"""The other datasets of FOCUS 1.3 and later, which have a table of their own."""

NOT_CHARGES = frozenset({*DATASETS, Format.OCI_USAGE})
"""What is delivered beside a bill and holds no charges: other datasets, usage without cost."""

# names without case. Each format has columns that no other has; FOCUS's datasets share some, so their order counts
_CHARGES = frozenset({"chargeperiodstart", "chargeperiodend", "effectivecost"})
_MARKS: tuple[tuple[Format, frozenset[str]], ...] = (
    (Format.CONTRACT_COMMITMENT, frozenset({"contractcommitmentid"})),
    (
        Format.INVOICE_DETAIL,
        frozenset({"invoicedetailid", "invoicedetailcreated", "invoicedetailgrain", "invoiceissuestatus"}),
    ),
    (Format.BILLING_PERIOD, frozenset({"billingperiodstatus", "billingperiodcreated"})),
    (Format.COST_AND_USAGE, frozenset({"billingperiodstart", "billedcost"})),
    (Format.OCI_COST, frozenset({"cost/mycost", "cost/attributedcost"})),
    (Format.OCI_USAGE, frozenset({"usage/billedquantity", "usage/consumedquantity"})),
    (Format.LEGACY_CUR, frozenset({"lineitem/unblendedcost", "identity/lineitemid"})),
    (Format.CUR, frozenset({"line_item_unblended_cost", "line_item_line_item_type"})),
)
_AZURE_COSTS = frozenset({"costinbillingcurrency", "cost", "pretaxcost", "costinpricingcurrency", "costinusd"})
_GOOGLE = frozenset({"billing_account_id", "usage_start_time", "cost", "currency"})


def recognise(columns: Iterable[str]) -> Format:
    """The format with these columns, whatever their order and casing."""
    names = {plain_name(name).casefold() for name in columns}
    if names & _CHARGES:
        return Format.COST_AND_USAGE
    for found, marks in _MARKS:
        if names & marks:
            return found
    english = {own_name(name).casefold() for name in names}
    if "metercategory" in english and english & _AZURE_COSTS:
        return Format.AZURE_DETAILS
    if names >= _GOOGLE:
        return Format.GCP_EXPORT
    return Format.UNKNOWN
