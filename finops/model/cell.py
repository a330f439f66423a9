"""Cells of tables as people, spreadsheets and databases write them: nothing, invisible characters, numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum

from finops.errors import InvalidValue

WIDTHLESS = "\ufeff\u200b\u200c\u200d\u2060"
"""Byte order marks, joiners and zero-width spaces. At a cell's edge they are left by copying."""

INVISIBLE = f"{WIDTHLESS}\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""``WIDTHLESS`` and directional marks, which belong to a name but never to a number, a date, a code or a header."""

BLANKS = " \t\r\n\u00a0\u2007\u202f\u3000"

NOTHING = (
    "",
    *("NULL", "null", "Null"),
    *("N/A", "n/a", "#N/A", "<NA>"),
    *("None", "NaN", "nan", "\\N"),
)
"""What databases, spreadsheets and pandas write for no value; FOCUS itself has null only. None is longer than four
characters, so that lengths tell where to look. ``NA`` and ``none`` are left: they may be names."""


def is_nothing(text: str) -> bool:
    return text in NOTHING


def plain_name(name: str) -> str:
    """A column's name without blanks, quotes and invisible characters around it."""
    return name.strip(f"{BLANKS}{INVISIBLE}\"'")


class Notation(Enum):
    """How a number is written, as repairs are counted; ``PLAIN`` is what FOCUS wants."""

    PLAIN = "plain"
    GROUPED = "thousands separators"
    DECIMAL_COMMA = "decimal comma"
    MAYBE_COMMA = "decimal comma, or thousands separator"
    OTHER_DIGITS = "digits or signs of another script"


@dataclass(frozen=True, slots=True)
class Number:
    """``text``: the number with a decimal point and nothing else that is not a digit, a sign or an exponent."""

    text: str
    notation: Notation


_PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?")
_EITHER = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
_BY_COMMAS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+\.[0-9]*|[+-]?[1-9][0-9]{0,2}(,[0-9]{3}){2,}")
_BY_POINTS = re.compile(r"[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})+,[0-9]*|[+-]?[1-9][0-9]{0,2}(\.[0-9]{3}){2,}")
_BY_OTHERS = re.compile(rf"[+-]?[1-9][0-9]{{0,2}}([{BLANKS}'\u2019][0-9]{{3}})+([.,][0-9]*)?")
_BLANKS = re.compile(rf"[{BLANKS}'\u2019]")
_NONE, _COMMAS, _POINTS = re.compile("(?!)"), re.compile(","), re.compile("[.]")
_FORMS = (
    (_PLAIN, Notation.PLAIN, _NONE),
    (_BY_COMMAS, Notation.GROUPED, _COMMAS),
    (_EITHER, Notation.MAYBE_COMMA, _NONE),
    (_COMMA, Notation.DECIMAL_COMMA, _NONE),
    (_BY_POINTS, Notation.DECIMAL_COMMA, _POINTS),
)
_SIGNS = str.maketrans({"\u2212": "-", "\uff0d": "-", "\uff0b": "+", "\uff0e": ".", "\uff0c": ",", "\ufe63": "-"})


def read_number(text: str) -> Number | None:
    """What a cell's text says as a number; None where it is none, or where what it says is not certain.

    ``MAYBE_COMMA``: 1,234 is 1.234 in one country and 1234 in another; its ``text`` is read with a decimal comma.

    >>> read_number("1.234,56")
    Number(text='1234.56', notation=<Notation.DECIMAL_COMMA: 'decimal comma'>)
    >>> read_number("1,234.56")
    Number(text='1234.56', notation=<Notation.GROUPED: 'thousands separators'>)
    """
    bare = text.strip(f"{BLANKS}{INVISIBLE}")
    ascii_text = "".join(_digit(character) for character in bare).translate(_SIGNS)
    found = _read(ascii_text)
    if found is not None and ascii_text != bare and found.notation is Notation.PLAIN:
        return Number(found.text, Notation.OTHER_DIGITS)
    return found


_TYPED = re.compile(r"[+-]?[0-9][0-9_]*(\.[0-9]+)?")
_THOUSAND_OR_NOT = re.compile(r"(?P<sign>[+-]?)(?P<thousands>[1-9][0-9]{0,2})\.(?P<rest>[0-9]{3})")


def typed_number(text: str, *, three_digits: bool = False) -> Decimal:
    """A number as people type it into a file: ``12000``, ``12_000`` or ``0.04``.

    ``12.000`` is twelve in one country and twelve thousand in another: it is refused, unless ``three_digits`` behind
    the point are usual for its unit. Raises ``InvalidValue``.
    """
    if not _TYPED.fullmatch(text):
        raise InvalidValue(
            f"'{text}' is not a valid number", "Write it with a decimal point and no other sign, like 12000.50"
        )
    doubtful = _THOUSAND_OR_NOT.fullmatch(text)
    if doubtful and not three_digits:
        thousands = f"{doubtful['sign']}{doubtful['thousands']}{doubtful['rest']}"
        units = f"{Decimal(text).normalize():f}"
        units = units if "." in units else f"{units}.00"
        raise InvalidValue(f"'{text}' is ambiguous: {thousands} or {units}", f"Write {thousands} or {units}")
    return Decimal(text.replace("_", ""))


def _read(text: str) -> Number | None:
    for form, notation, left_out in _FORMS:
        if form.fullmatch(text):
            return Number(left_out.sub("", text).replace(",", "."), notation)
    if _BY_OTHERS.fullmatch(text):
        bare = _BLANKS.sub("", text)
        return Number(bare.replace(",", "."), Notation.DECIMAL_COMMA if "," in bare else Notation.GROUPED)
    return None


def _digit(character: str) -> str:
    """The ASCII digit of any script's decimal digit; any other character as it is."""
    return str(int(character)) if character.isdecimal() and not character.isascii() else character


_MOMENT = re.compile(
    r"(?P<year>\d{4})-?(?P<month>\d\d)-?(?P<day>\d\d)"
    r"(?:(?:T|\s+)(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?(?:\s+UTC)?)?)?",
    re.IGNORECASE | re.ASCII,
)
_FOCUS_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", re.ASCII)
_PARTS = ("year", "month", "day", "hour", "minute", "second")
_FIRST_YEAR = 1970


@dataclass(frozen=True, slots=True)
class Moment:
    """``repair``: what reading it means; None for FOCUS's own form."""

    at: datetime
    repair: str | None


def read_moment(text: str) -> Moment | None:
    """An ISO 8601 time in any of its forms, in UTC; None for what is none. One without a zone is UTC.

    >>> read_moment("2026-03-01T20:00-05:00")
    Moment(at=datetime.datetime(2026, 3, 2, 1, 0, tzinfo=datetime.timezone.utc), repair='offset, converted to UTC')
    """
    bare = text.strip(f"{BLANKS}{INVISIBLE}")
    found = _MOMENT.fullmatch(bare)
    if found is None or int(found["year"]) < _FIRST_YEAR:
        return None
    year, month, day, hour, minute, second = (int(found[part] or 0) for part in _PARTS)
    microsecond = int((found["fraction"] or "0")[:6].ljust(6, "0"))
    try:
        at = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=UTC)
    except ValueError:
        return None
    zone = (found["zone"] or "").upper().removesuffix("UTC").strip()
    if zone[:1] in ("+", "-"):
        digits = zone[1:].replace(":", "").ljust(4, "0")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return Moment(at - offset if zone[0] == "+" else at + offset, "offset, converted to UTC")
    if not found["zone"]:
        return Moment(at, "no zone, read as UTC")
    return Moment(at, None if _FOCUS_MOMENT.fullmatch(bare) else "other form of ISO 8601")
