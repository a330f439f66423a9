"""Infracost's estimate of a change of infrastructure: what each resource adds a month, at list prices.

The format: https://github.com/infracost/infracost/blob/master/schema/infracost.schema.json
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from finops.errors import InvalidValue, RefusedBatch
from finops.model.currency import check_currency
from finops.model.money import EXACT
from finops.objectstore.unreadable import unreadable

_WRITE = "Write it with: infracost breakdown --path . --format json --out-file estimate.json"
_MOST_BYTES = 256 * 1024**2


@dataclass(frozen=True, slots=True)
class EstimatedResource:
    """``monthly``: what the change adds a month, negative where it saves; None where the price depends on usage."""

    name: str
    monthly: Decimal | None
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Estimate:
    """``whole``: names of projects without an earlier state, of which every resource counts as new."""

    currency: str
    resources: tuple[EstimatedResource, ...]
    whole: tuple[str, ...]

    @property
    def total(self) -> Decimal:
        with localcontext(EXACT):
            return sum((one.monthly for one in self.resources if one.monthly is not None), Decimal(0))

    @property
    def unpriced(self) -> int:
        """Resources whose price depends on usage that the estimate does not know."""
        return sum(one.monthly is None for one in self.resources)


def _amount(value: object) -> Decimal | None:
    if value is None:
        return None
    try:
        amount = Decimal(str(value))
    except ArithmeticError:
        amount = Decimal("nan")
    if not amount.is_finite() or abs(amount.adjusted()) > _LARGEST:
        raise InvalidValue(f"'{value}' is not an amount", _WRITE)
    return amount


_LARGEST = 30
"""Digits before or behind the point."""
_Amount = Annotated[Decimal | None, BeforeValidator(_amount)]


class _Resource(BaseModel):
    name: str
    monthlyCost: _Amount = None  # noqa: N815 - Infracost's own spelling
    tags: dict[str, str] | None = None
    defaultTags: dict[str, str] | None = None  # noqa: N815 - as above


class _Breakdown(BaseModel):
    resources: list[_Resource] = Field(default_factory=list)


class _Project(BaseModel):
    name: str
    pastBreakdown: _Breakdown | None = None  # noqa: N815 - as above
    breakdown: _Breakdown | None = None
    diff: _Breakdown | None = None


class _Root(BaseModel):
    version: str
    currency: Annotated[str, AfterValidator(check_currency)]
    projects: list[_Project]


def read_estimate(path: Path) -> Estimate:
    """Raises ``RefusedBatch`` for a file that is no estimate of Infracost, ``NotFound`` or ``AccessDenied``."""
    where = str(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise RefusedBatch("larger than 256 MiB", where=where, remedy=_WRITE)
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise unreadable(error, where) from error
    except (ValueError, RecursionError) as error:
        raise RefusedBatch("this is not JSON", where=where, remedy=_WRITE) from error
    if isinstance(data, dict) and "planned_values" in data:
        remedy = f"Estimate it first: infracost breakdown --path {path.name} --format json --out-file estimate.json"
        raise RefusedBatch("this is a Terraform plan, without prices", where=where, remedy=remedy)
    try:
        root = _Root.model_validate(data)
    except ValidationError as error:
        at = ".".join(str(part) for part in error.errors()[0]["loc"]) or "the document"
        what = f"this is not an estimate of Infracost: {at} is missing or not valid"
        raise RefusedBatch(what, where=where, remedy=_WRITE) from error
    resources = tuple(resource for project in root.projects for resource in _resources(project))
    whole = tuple(project.name for project in root.projects if project.diff is None and project.breakdown is not None)
    return Estimate(root.currency, resources, whole)


def _resources(project: _Project) -> Iterator[EstimatedResource]:
    """Of the difference to the earlier state; of all there is where the file knows no earlier state."""
    part = project.diff or project.breakdown or _Breakdown()
    tags = _tags_of(project)
    for resource in part.resources:
        own = {**(resource.defaultTags or {}), **(resource.tags or {})} or tags.get(resource.name, {})
        yield EstimatedResource(resource.name, resource.monthlyCost, own)


def _tags_of(project: _Project) -> dict[str, Mapping[str, str]]:
    """Resource -> its tags, as the state after the change has them, else as the one before."""
    found: dict[str, Mapping[str, Any]] = {}
    for part in (project.pastBreakdown, project.breakdown):
        for resource in part.resources if part is not None else ():
            tags = {**(resource.defaultTags or {}), **(resource.tags or {})}
            if tags:
                found[resource.name] = tags
    return found
