"""Text that anybody may have written (tags, names of resources and services), where only plain text can be shown.

The one place that knows which characters move a cursor, colour a terminal, end a line or turn the writing.
"""

from __future__ import annotations

import re

_BREAKS = "\t\n"
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_OTHERS = (
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
    "\u2028\u2029"  # line and paragraph separators
    "\u200b\u2060\ufeff\ufff9-\ufffb"  # invisible; joiners stay, they make letters and emoji
    "\ud800-\udfff\ufffe\uffff"  # half characters, and what is none: neither UTF-8 nor XML has a place for them
)
_IN_LINES = re.compile(f"[{_CONTROLS}{_OTHERS}]")
_IN_ONE_LINE = re.compile(f"[{_BREAKS}{_CONTROLS}{_OTHERS}]")
_SHOWN = "\ufffd"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""https://owasp.org/www-community/attacks/CSV_Injection"""


def harmless(text: str) -> str:
    """Any number of lines; what does more than show itself becomes ``\ufffd``."""
    return _IN_LINES.sub(_SHOWN, text)


def one_line(text: str, longest: int | None = None) -> str:
    """One line; ``longest``: characters, then ``…``."""
    line = _IN_ONE_LINE.sub(_SHOWN, text)
    return line if longest is None or len(line) <= longest else line[: longest - 1] + "…"


def one_plain_line(text: str, longest: int) -> str:
    """One line of at most ``longest`` characters for prose: blanks instead of what ``one_line`` marks."""
    head = text[: longest * 8]  # the rest of an endless name is not looked at
    line = " ".join(_IN_ONE_LINE.sub(" ", head).split())
    return line if len(line) <= longest and len(head) == len(text) else line[: longest - 1] + "…"


def harmless_json(text: str) -> str:
    """A JSON document with every such character escaped; its values stay the same."""
    return _IN_LINES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def spreadsheet_text(text: str, longest: int) -> str:
    """Text that no spreadsheet runs: an apostrophe stands before what would be a formula."""
    shown = one_plain_line(text, longest)
    return f"'{shown}" if shown.startswith(_STARTS_A_FORMULA) else shown
