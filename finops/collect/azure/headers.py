"""Headers of Azure's files, in the language of the portal that made them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_IN_BRACKETS = re.compile(r"[(\[（［【]\s*(\w+)\s*[)\]）］】]\s*$")


def own_name(header: str) -> str:
    """The name that Azure documents for a column: portals of other languages put it in brackets behind their own.

    >>> own_name("Kosten in Abrechnungswährung (CostInBillingCurrency)"), own_name(" Date ")
    ('CostInBillingCurrency', 'Date')

    Source: kubecost/kubecost issue 1526, opencost/opencost issue 692.
    """
    found = _IN_BRACKETS.search(header)
    return found[1] if found else header.strip().lstrip("\ufeff")


def own_names(headers: Iterable[str]) -> dict[str, str]:
    """Documented name in lower case -> header; a column that has the name itself comes before one with brackets."""
    by_clarity = sorted(headers, key=lambda header: own_name(header) == header)
    return {own_name(header).lower(): header for header in by_clarity}
