"""URLs of the state, and what errors show of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops.errors import AccessDenied, BadArguments, BrokenStore, FinopsError, Unreachable
from finops.state import Address, open_state
from tests.support.verdicts import MovableClock

PASSWORD = "s3cr3t"


def test_a_relative_file_counts_from_the_configuration(tmp_path: Path) -> None:
    assert Address.parse("sqlite:///var/state.db", base=tmp_path).file == tmp_path / "var/state.db"


def test_an_absolute_file_stays(tmp_path: Path) -> None:
    assert Address.parse(f"sqlite:///{tmp_path}/s.db", base=Path("/elsewhere")).file == tmp_path / "s.db"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "state.db",
        "sqlite://",
        "sqlite:///:memory:",
        f"mysql://u:{PASSWORD}@h/d",
        f"postgresql://u:{PASSWORD}@h/d",
        f"postgresql+psycopg://u:p@{PASSWORD}@h/d",
        f"postgresql+psycopg://u:{PASSWORD}@h:port/d",
    ],
)
def test_what_is_no_state(url: str, tmp_path: Path) -> None:
    with pytest.raises(BadArguments) as caught:
        Address.parse(url, base=tmp_path)

    assert PASSWORD not in str(caught.value)


def test_the_password_is_shown_nowhere(tmp_path: Path) -> None:
    url = f"postgresql+psycopg://user:{PASSWORD}@db.example:5433/finops?sslpassword={PASSWORD}"
    address = Address.parse(url, base=tmp_path)

    assert address.shown == "state (postgresql://db.example:5433/finops)"
    assert PASSWORD not in repr(address)


def opening(url: str, base: Path) -> FinopsError:
    with pytest.raises(FinopsError) as caught:
        open_state(url, base=base, clock=MovableClock())
    assert PASSWORD not in str(caught.value) + repr(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    return caught.value


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    error = opening(f"postgresql+psycopg://user:{PASSWORD}@127.0.0.1:1/finops", tmp_path)

    assert isinstance(error, Unreachable)
    assert error.where == "state (postgresql://127.0.0.1:1/finops)"


def test_a_host_without_an_address(tmp_path: Path) -> None:
    assert isinstance(opening(f"postgresql+psycopg://user:{PASSWORD}@finops.invalid/finops", tmp_path), Unreachable)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "s.db").write_bytes(b"no database at all" * 1000)

    assert isinstance(opening("sqlite:///s.db", tmp_path), BrokenStore)


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "s.db").mkdir()

    assert isinstance(opening("sqlite:///s.db", tmp_path), AccessDenied)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")

    assert isinstance(opening("sqlite:///var/s.db", tmp_path), AccessDenied)


def test_a_login_that_is_refused(postgres_server: object, postgres_database: str, tmp_path: Path) -> None:
    url = postgres_database.replace("postgres@", f"nobody:{PASSWORD}@")

    assert isinstance(opening(url, tmp_path), AccessDenied)
