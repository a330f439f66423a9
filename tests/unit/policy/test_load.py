"""Policy files that are right: found, read, digested, described to editors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from finops.errors import Malformed
from finops.focus.schema import condition_columns
from finops.model.policy import Policy
from finops.policy.files import other_files, policy_test_files
from finops.policy.load import Loaded, load_each, load_policies, read_policies
from finops.policy.schema import policy_schema
from tests.support.lake_view import KINDS

COLUMNS = condition_columns().with_dimensions(("team", "environment", "product"))
DEMAND = ["orders", "visitors", "tokens", "requests"]
ROOT = Path(__file__).parents[3]

FRESHNESS = """apiVersion: finops/v1
kind: Freshness
metadata: {name: NAME, owner: finops}
spec:
  alerts: [{when: age > 36h, severity: warning}]
"""


def load(*paths: Path | str) -> list[Policy]:
    return load_policies(paths, kinds=KINDS, columns=COLUMNS, demand=DEMAND, values=["revenue"])


def read(text: str) -> list[Policy]:
    return read_policies(text, shown_as="policy.yaml", kinds=KINDS, columns=COLUMNS, demand=DEMAND, values=["revenue"])


OTHER_PROGRAMS = {
    "prometheus.yaml": "groups:\n  - name: costs\n    rules: [{alert: A, expr: up == 0}]\n",
    "grafana.yml": "apiVersion: 1\nproviders: [{name: finops, type: file}]\n",
    "deployment.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: finops}\nspec: {}\n",
    "chart/template.yaml": "{{- if .Values.on }}\napiVersion: v1\nkind: Service\n{{- end }}\nspec: {{ .spec }}\n",
    "rules.test.yaml": "rule_files: [prometheus.yaml]\ntests: []\n",
    "finops.yaml": "apiVersion: finops/v1\npolicies: .\ncurrency: EUR\n",
}


def test_files_of_other_programs_in_a_directory_are_no_policies(tmp_path: Path) -> None:
    (tmp_path / "chart").mkdir()
    for name, text in OTHER_PROGRAMS.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "a.yaml").write_text(FRESHNESS.replace("NAME", "a"))

    assert [policy.name for policy in load(tmp_path)] == ["a"]
    assert policy_test_files([tmp_path]) == []
    assert {str(path.relative_to(tmp_path)) for path in other_files([tmp_path])} == set(OTHER_PROGRAMS)


@pytest.mark.parametrize("name", OTHER_PROGRAMS)
def test_a_file_that_is_named_is_a_policy_file_whatever_it_holds(tmp_path: Path, name: str) -> None:
    file = tmp_path / Path(name).name.replace(".test", "")
    file.write_text(OTHER_PROGRAMS[name])

    with pytest.raises(Malformed):
        load(file)
    with pytest.raises(Malformed):
        load(f"{tmp_path}/*")
    assert other_files([file]) == []


@pytest.mark.parametrize(
    "lacking", ["apiVersion: finops/v1", "kind: Freshness", "metadata: {name: NAME, owner: finops}"]
)
def test_a_policy_that_lacks_a_key_is_no_file_of_another_program(tmp_path: Path, lacking: str) -> None:
    (tmp_path / "a.yaml").write_text(FRESHNESS.replace(lacking, ""))
    (tmp_path / "broken.yaml").write_text("kind: Budget\nspec: [\n")

    with pytest.raises(Malformed) as raised:
        load(tmp_path)

    assert {Path(fault.file).name for fault in raised.value.faults} == {"a.yaml", "broken.yaml"}


def test_directories_globs_and_files_are_read_once_and_tests_left_out(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "b.yaml").write_text(FRESHNESS.replace("NAME", "b") + "---\n" + FRESHNESS.replace("NAME", "a"))
    (tmp_path / "more" / "c.yml").write_text(FRESHNESS.replace("NAME", "c"))
    (tmp_path / "b.test.yaml").write_text("policy: b\n")
    (tmp_path / "notes.txt").write_text("no policy")

    policies = load(tmp_path, tmp_path / "b.yaml", f"{tmp_path}/**/*.yml")

    assert [policy.name for policy in policies] == ["a", "b", "c"]
    assert [(policy.line, policy.file) for policy in policies[:2]] == [
        (7, str(tmp_path / "b.yaml")),
        (1, str(tmp_path / "b.yaml")),
    ]
    assert policies[0].text == FRESHNESS.replace("NAME", "a")


def test_paths_that_are_not_there_are_faults(tmp_path: Path) -> None:
    with pytest.raises(Malformed) as refusal:
        load(tmp_path / "none.yaml", tmp_path / "*.yaml")

    assert str(refusal.value).splitlines() == [
        f"{tmp_path}/*.yaml:1:1: no file matches. Check the pattern",
        f"{tmp_path}/none.yaml:1:1: no such file. Check the path",
    ]


def test_two_files_with_one_name_are_both_named(tmp_path: Path) -> None:
    for file in ("a.yaml", "b.yaml"):
        (tmp_path / file).write_text(FRESHNESS.replace("NAME", "same"))
    with pytest.raises(Malformed) as refusal:
        load(tmp_path)

    (fault,) = refusal.value.faults
    assert str(fault).startswith(f"{tmp_path}/b.yaml:3:18: the name 'same' is taken by {tmp_path}/a.yaml:3:18")


def test_the_digest_is_of_the_meaning_not_of_the_layout() -> None:
    (plain,) = read(FRESHNESS)
    (restyled,) = read(
        "# a comment\nkind: Freshness\napiVersion: finops/v1\nspec: {alerts: [{severity: warning, when: age > 36h}]}\n"
        "metadata:\n  owner: finops   # another\n  name: NAME\n"
    )
    (other,) = read(FRESHNESS.replace("36h", "37h"))

    assert plain.digest == restyled.digest
    assert plain.digest != other.digest
    assert plain.digest.startswith("sha256:")


def test_the_same_file_gives_equal_policies() -> None:
    assert read(FRESHNESS) == read(FRESHNESS)


@pytest.fixture(scope="module")
def starter() -> list[Policy]:
    return load(ROOT / "policies")


def test_the_starter_policies_load_and_say_what_they_are_for(starter: list[Policy]) -> None:
    assert {policy.kind for policy in starter} == set(KINDS)
    assert len(starter) >= 6
    for policy in starter:
        assert policy.owner
        assert len(policy.description) > 20


def test_the_examples_of_the_documentation_load() -> None:
    pages = sorted(
        page for page in (ROOT / "docs" / "policies").glob("*.md") if page.name not in {"README.md", "testing.md"}
    )
    assert {page.stem.replace("-", "") for page in pages} == {kind.lower() for kind in KINDS}
    for page in pages:
        text = page.read_text(encoding="utf-8")
        example = text.split("```yaml\n", 1)[1].split("```", 1)[0]
        assert read(example)


def test_the_schema_describes_every_key_of_every_kind() -> None:
    schema = policy_schema(KINDS)
    json.dumps(schema)
    definitions = schema["$defs"]

    assert schema["properties"]["kind"]["enum"] == sorted(KINDS)
    for name, kind in KINDS.items():
        spec = definitions[f"{name}Spec"]
        aliases = {field.alias or key for key, field in kind.Options.model_fields.items()}
        assert set(spec["properties"]) == aliases
        assert all("description" in described for described in spec["properties"].values()), name
        assert spec["additionalProperties"] is False
        assert definitions[f"{name}Alert"]["properties"]["when"]["pattern"].count("|") >= len(kind.profile.measures) - 1


def test_every_reference_of_the_schema_has_a_target() -> None:
    schema = policy_schema(KINDS)
    references = set()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                references.add(node["$ref"])
            for inner in node.values():
                walk(inner)
        elif isinstance(node, list):
            for inner in node:
                walk(inner)

    walk(schema)
    assert references
    assert {reference.removeprefix("#/$defs/") for reference in references} <= set(schema["$defs"])


def load_with(kept: dict[str, str], *paths: Path) -> Loaded:
    return load_each(paths, kinds=KINDS, columns=COLUMNS, demand=DEMAND, kept=lambda: kept)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"apiVersion: [", id="not YAML"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
        pytest.param(FRESHNESS.replace("NAME", "a").replace("age", "aeg").encode(), id="misspelt measure"),
        pytest.param(FRESHNESS.replace("NAME", "b").encode(), id="a name that is taken"),
        pytest.param(f"{FRESHNESS.replace('NAME', 'a')}---\nkind: Nothing\n".encode(), id="one document of two"),
    ],
)
def test_a_faulty_file_is_replaced_by_its_last_good_text_and_costs_no_other_file(tmp_path: Path, broken: bytes) -> None:
    changing, steady = tmp_path / "z.yaml", tmp_path / "b.yaml"
    steady.write_text(FRESHNESS.replace("NAME", "b"))
    changing.write_text(FRESHNESS.replace("NAME", "c") + "---\n" + FRESHNESS.replace("NAME", "a"))
    good = load_with({}, tmp_path)
    changing.write_bytes(broken)

    kept, lost = load_with(dict(good.texts), tmp_path), load_with({}, tmp_path)

    assert good.faults == ()
    assert [(policy.name, policy.digest, policy.text) for policy in kept.policies] == [
        (policy.name, policy.digest, policy.text) for policy in good.policies
    ]
    assert {fault.file for fault in kept.faults} == {str(changing)}
    assert kept.unreplaced == ()
    assert str(changing) not in kept.texts
    assert ([policy.name for policy in lost.policies], lost.unreplaced) == (["b"], (str(changing),))


def test_a_kept_policy_gives_way_to_the_file_that_has_its_name_now(tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text("apiVersion: [")
    new.write_text(FRESHNESS.replace("NAME", "a"))

    loaded = load_with({str(old): FRESHNESS.replace("NAME", "a")}, tmp_path)

    assert [policy.file for policy in loaded.policies] == [str(new)]
