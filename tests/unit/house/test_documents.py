"""Documents for people: links lead somewhere, decisions have their form, CONTRIBUTING names what there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.support.markdown import documents_in

ROOT = Path(__file__).parents[3]
DECISIONS = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
DOCUMENTS = [*ROOT.glob("*.md"), *documents_in(ROOT / "docs")]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text())
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (path.parent / target).exists()] == []


def anchors(path: Path) -> set[str]:
    """Those that GitHub and the site make of headings; a repeated heading is numbered."""
    found: list[str] = []
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        name = re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        found.append(f"{name}-{found.count(name)}" if name in found else name)
    return set(found)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_headings(path: Path) -> None:
    targets = [path.parent / name if name else path for name, _ in _anchored(path)]
    headings = [anchor for _, anchor in _anchored(path)]
    assert [anchor for target, anchor in zip(targets, headings, strict=True) if anchor not in anchors(target)] == []


def _anchored(path: Path) -> list[tuple[str, str]]:
    return re.findall(r"\]\(([^):#]*\.md|)#([^)]+)\)", path.read_text())


def test_every_page_is_in_the_navigation_of_the_site() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text()
    pages = [str(path.relative_to(ROOT)) for path in DOCUMENTS if not re.search(r"/adr/0|/runbooks/", str(path))]
    assert [page for page in pages if page not in navigation] == []


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_form(path: Path) -> None:
    text = path.read_text()
    number = path.stem.partition("-")[0]
    assert text.startswith(f"# {number} ")
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    assert parts[1::2] == ["Context", "Decision", "Alternatives", "Consequences", "Revisit when"]
    assert all(part.strip() for part in parts[2::2])


def test_decisions_are_numbered_and_listed() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))
    index = (ROOT / "docs/adr/README.md").read_text()
    titles = {path.name: path.read_text().splitlines()[0][7:] for path in DECISIONS}
    assert re.findall(r"\[\d{4}\]\((.+?)\) \| (.+) \|", index) == list(titles.items())


def test_contributing_names_every_group_of_kinds() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    assert [group for group in groups if f"`{group}`" not in CONTRIBUTING] == []


def test_contributing_names_files_that_are_there() -> None:
    named = re.findall(r"`((?:finops|exporters|tests|docs|policies)/[\w./]*)`", CONTRIBUTING)
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_contributing_shows_the_layers_as_they_are() -> None:
    rules = (ROOT / ".importlinter").read_text()
    layers = re.search(r"^layers =\n((?:    .+\n)+)", rules, re.MULTILINE)
    assert layers
    shown = " > ".join(line.strip() for line in layers.group(1).splitlines() if line.strip() != "__main__")
    assert shown in re.sub(r"\s+", " ", CONTRIBUTING)


def test_contributing_says_how_every_golden_file_is_written() -> None:
    tests = [path for path in sorted((ROOT / "tests").rglob("test_*.py")) if "node_modules" not in path.parts]
    flags = {flag for path in tests for flag in re.findall(r'environ[^"]*"(\w*GOLDEN\w*)"', path.read_text())}
    assert flags == {"FINOPS_WRITE_GOLDEN"}
    assert "FINOPS_WRITE_GOLDEN=1 make test" in CONTRIBUTING
