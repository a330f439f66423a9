"""YAML text -> documents that remember where each key and value stands.

ruamel.yaml's round-trip loader keeps line and column of every key; duplicate keys and syntax errors become faults. What
is plain is read by libyaml, with the same outcome.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, ScalarEvent
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.tag import Tag

from finops.documents.fault import Fault
from finops.documents.quick_yaml import DEEPEST, Branch, read_quickly

Place = tuple[int, int]
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
MOST_BYTES = 4 * 1024 * 1024
"""Of a file."""
MOST_REPEATED = 10_000
"""Values that aliases may repeat, all together."""
_SCALAR = re.compile(r"(?:&\S+\s+)?(?P<scalar>[^\s,\[\]{}#]+(?: [0-9:.+Z-]+)*)")
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null", "timestamp"))
Path_ = Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: ``data`` is plain Python, ``text`` the document's own lines (for digests and audits)."""

    file: str
    data: Any
    text: str
    _tree: Any = field(repr=False)
    first_line: int

    def place(self, loc: Path_ = (), *, of_value: bool = False) -> Place:
        """Line and column (from 1) of the deepest part of ``loc`` that the file holds.

        The key's own place, or with ``of_value`` the place where its value starts.
        """
        node, place = self._tree, (self.first_line, 1)
        for index, part in enumerate(loc):
            if isinstance(node, Branch) and part in node.parts:
                key, value, branch = node.parts[part]
                line, column = value if of_value and index == len(loc) - 1 else key
                place, node = (line + 1, column + 1), branch
                continue
            if isinstance(node, CommentedMap) and part in node:
                last = index == len(loc) - 1
                line, column = node.lc.value(part) if of_value and last else node.lc.key(part)
            elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
                line, column = node.lc.item(part)
            else:
                break
            place, node = (line + 1, column + 1), node[part]
        return place

    def written(self, loc: Path_) -> str | None:
        """What stands at ``loc`` letter by letter, where YAML reads a number, a truth value or a date from it.

        ``012345670123`` is an account and ``1.10`` a version: where text is wanted, no digit may go. None for texts,
        which are read as they are, for ``null``.
        """
        value = self._value(loc)
        if not isinstance(value, int | float | date):
            return None
        line, column = self.place(loc, of_value=True)
        lines = self.text.splitlines()
        index = line - self.first_line
        found = _SCALAR.match(lines[index], column - 1) if 0 <= index < len(lines) else None
        if found is None:
            return None
        read, faults = parse_documents(f"- {found['scalar']}\n", self.file)
        return found["scalar"] if not faults and [document.data for document in read] == [[value]] else None

    def _value(self, loc: Path_) -> Any:
        node = self.data
        for part in loc:
            try:
                node = node[part]
            except (KeyError, IndexError, TypeError):
                return None
        return node

    def fault(self, loc: Path_, message: str, hint: str, *, of_value: bool = False) -> Fault:
        """A fault at the place of ``loc``."""
        line, column = self.place(loc, of_value=of_value)
        return Fault(self.file, line, column, message, hint)


def load_documents(path: Path, *, shown_as: str | None = None) -> tuple[list[Document], list[Fault]]:
    """Every document of a file, or the faults that keep it from being read."""
    shown = shown_as or str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            return [], [Fault(shown, 1, 1, f"larger than {MOST_BYTES:,} bytes", "Split it into several files")]
        text = content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError:
        return [], [Fault(shown, 1, 1, "no such file", "Check the path")]
    except UnicodeDecodeError as error:
        return [], [Fault(shown, 1, 1, f"not UTF-8 at byte {error.start}", "Save the file as UTF-8")]
    except OSError as error:
        return [], [Fault(shown, 1, 1, f"cannot be read: {error.strerror}", "Check its permissions")]
    return parse_documents(text, shown)


def parse_documents(text: str, file: str) -> tuple[list[Document], list[Fault]]:
    """Every document of a text; empty documents are left out."""
    quick = read_quickly(text)
    if quick is None:
        return _carefully(text, file)
    texts = _split(text, len(quick))
    return [
        Document(file, data, own_text, branch, first_line)
        for (data, branch), (first_line, own_text) in zip(quick, texts, strict=True)
        if data is not None
    ], []


def _carefully(text: str, file: str) -> tuple[list[Document], list[Fault]]:
    loader = YAML(typ="rt")
    loader.Constructor = _TextKeys
    loader.allow_duplicate_keys = False
    try:
        excess = _excess(text, file)
        if excess is not None:
            return [], [excess]
        trees = list(loader.load_all(text))
    except DuplicateKeyError as error:
        # ruamel goes on with both values, and either may be a secret
        problem = str(error.problem or "duplicate key").partition(" with value")[0]
        return [], [_marked(file, error, problem, "Keep one of the two")]
    except MarkedYAMLError as error:
        message = f"not YAML: {error.problem or error.context}"
        return [], [_marked(file, error, message, "Check indentation, quotes and colons here")]
    except YAMLError as error:
        return [], [Fault(file, 1, 1, f"not YAML: {error}", "Save the file as plain YAML text")]
    except ValueError as error:  # ruamel builds dates while it reads, and lets Python's own error through
        return [], [_bad_date(file, text, error)]
    documents = []
    texts = _split(text, len(trees))
    for tree, (first_line, own_text) in zip(trees, texts, strict=True):
        if tree is not None:
            documents.append(Document(file, _plain(tree), own_text, tree, first_line))
    return documents, []


def _excess(text: str, file: str) -> Fault | None:
    """Where a text nests too deeply, or aliases repeat too much: known from the events, before anything is built."""
    held: list[int] = [0]  # values so far of each open mapping or list
    names: list[str | None] = [None]
    sizes: dict[str, int | None] = {}  # by anchor; None while it is open
    repeated = 0
    for event in YAML(typ="rt").parse(text):
        if isinstance(event, AliasEvent):
            size = sizes.get(event.anchor, 0)
            repeated += size or 0
            held[-1] += size or 0
            if size is None:
                return _at(file, event, f"the alias '*{event.anchor}' refers to itself", "Write the value out")
            if repeated > MOST_REPEATED:
                return _at(file, event, f"aliases repeat more than {MOST_REPEATED:,} values", "Use fewer aliases")
        elif isinstance(event, CollectionStartEvent):
            if len(held) > DEEPEST:
                return _at(file, event, f"nested more than {DEEPEST} levels deep", "Close brackets, or indent less")
            held.append(1)
            names.append(event.anchor)
            if event.anchor:
                sizes[event.anchor] = None
        elif isinstance(event, CollectionEndEvent):
            size, name = held.pop(), names.pop()
            held[-1] += size
            if name:
                sizes[name] = size
        elif isinstance(event, ScalarEvent):
            held[-1] += 1
            if event.anchor:
                sizes[event.anchor] = 1
    return None


def _at(file: str, event: Any, message: str, hint: str) -> Fault:
    return Fault(file, event.start_mark.line + 1, event.start_mark.column + 1, message, hint)


class _TextKeys(RoundTripConstructor):
    """Keys are texts, letter by letter: ``012345670123: platform`` names an account."""

    def construct_mapping(self, node: Any, maptyp: Any, deep: bool = False) -> Any:  # type: ignore[override]
        for key, _ in node.value:
            if isinstance(key, ScalarNode) and not key.style and key.tag in _PLAIN_TAGS:
                key.ctag = Tag(suffix="tag:yaml.org,2002:str")
        return super().construct_mapping(node, maptyp, deep=deep)


def _marked(file: str, error: MarkedYAMLError, message: str, hint: str) -> Fault:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    return Fault(file, line, column, message, hint)


def _bad_date(file: str, text: str, error: ValueError) -> Fault:
    for number, line in enumerate(text.splitlines(), start=1):
        for match in _DATE.finditer(line):
            try:
                date.fromisoformat(match[0])
            except ValueError:
                hint = "Write a date that exists, like 2026-03-31"
                return Fault(file, number, match.start() + 1, f"'{match[0]}' is not a valid date", hint)
    return Fault(file, 1, 1, f"not YAML: {error}", "Put quotes around dates and times")


def _split(text: str, count: int) -> list[tuple[int, str]]:
    """The lines of each document. ``---`` at a line's start separates; its line number counts from 1."""
    starts, lines = [0], text.splitlines(keepends=True)
    seen_content = False
    for number, line in enumerate(lines):
        if line.startswith("---"):
            if seen_content:
                starts.append(number + 1)
            else:
                starts[-1] = number + 1
            seen_content = True
        elif line.strip() and not line.startswith(("#", "%")):
            seen_content = True
    if len(starts) != count:  # a literal block that holds '---' lines: the whole text stands for each document
        return [(1, text)] * count
    ends = [*starts[1:], len(lines) + 1]
    return [
        (start + 1, "".join(lines[start : end - 1 if index < count - 1 else end]))
        for index, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def _plain(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(item) for item in node]
    return node
