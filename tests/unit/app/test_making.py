"""A kind gets what it names, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from finops.app.instantiate import Offered, make
from finops.config.settings import SourceEntry
from finops.errors import BadArguments

OFFERED: Offered = {"base": lambda: Path("/somewhere"), "clock": lambda: "a clock", "lake": lambda: "a lake"}


class Options(BaseModel):
    pass


def entry(factory: Any) -> SourceEntry:
    return SourceEntry("aws", "some-kind", timedelta(hours=6), Options(), factory)


class WithBase:
    @classmethod
    def from_options(cls, name: str, options: Options, *, base: Path) -> tuple[object, ...]:
        return name, options, base


class WithMore:
    @classmethod
    def from_options(cls, name: str, _: Options, *, clock: str, lake: str, pace: int = 3) -> tuple[object, ...]:
        return name, clock, lake, pace


class WithTooMuch:
    @classmethod
    def from_options(cls, name: str, _: Options, *, telescope: str) -> tuple[object, ...]:
        return name, telescope


def test_a_kind_gets_what_it_names() -> None:
    assert make(entry(WithBase), OFFERED) == ("aws", Options(), Path("/somewhere"))
    assert make(entry(WithMore), OFFERED) == ("aws", "a clock", "a lake", 3)


def test_a_kind_that_asks_for_what_nobody_offers_is_an_error_that_says_so() -> None:
    with pytest.raises(BadArguments, match="requires 'telescope'") as caught:
        make(entry(WithTooMuch), OFFERED)
    assert "base, clock, lake" in caught.value.remedy


class Fails:
    @classmethod
    def from_options(cls, name: str, _: Options) -> object:
        raise KeyError(f"{name} hunter2")


def test_a_kind_that_fails_is_an_error_without_its_text() -> None:
    with pytest.raises(BadArguments, match=r"the kind some-kind failed \(KeyError at \S+:\d+\)") as caught:
        make(entry(Fails), OFFERED)
    assert "hunter2" not in str(caught.value)
