"""``finops policies test`` and ``check`` as a writer of policies and a pipeline meet them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.integration.policies.conftest import POLICY, Finops
from tests.unit.exporters.pages_read import text as seen

ROOT = Path(__file__).parents[3]


def break_the_test(folder: Path) -> None:
    file = folder / "policies" / "checkout.test.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("1.29 ± 0.01", "1.4"), encoding="utf-8")


def test_a_test_that_passes_says_so(finops: Finops) -> None:
    out, _ = finops("policies", "test", "policies")
    assert out.splitlines() == [
        "passed  checkout-monthly at 2026-03-20 06:00 UTC  policies/checkout.test.yaml:1",
        "1 passed, 0 failed",
    ]


def test_a_test_that_fails_says_what_was_found_and_where(folder: Path, finops: Finops) -> None:
    break_the_test(folder)
    out, _ = finops("policies", "test", "policies", status=1)
    assert "  policies/checkout.test.yaml:7:78: value: expected 1.4, found 1.2916666666666667\n" in out
    assert out.endswith("0 passed, 1 failed\n")


def test_programs_read_json_and_junit(folder: Path, finops: Finops) -> None:
    break_the_test(folder)
    (one,) = json.loads(finops("policies", "test", "policies", "--format", "json", status=1)[0])
    assert (one["passed"], one["mismatches"][0]["line"], one["findings"][0]["state"]) == (False, 7, "firing")
    suite = ElementTree.fromstring(finops("policies", "test", "policies", "--format", "junit", status=1)[0])
    assert (suite.attrib["tests"], suite.attrib["failures"], suite.attrib["errors"]) == ("1", "1", "0")
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert "expected 1.4, found 1.29" in failure.attrib["message"]


def test_a_test_alone_finds_its_policy_beside_it_or_in_finops_yaml(folder: Path, finops: Finops) -> None:
    finops("policies", "test", "policies/checkout.test.yaml")
    (folder / "elsewhere").mkdir()
    (folder / "policies" / "checkout.test.yaml").rename(folder / "elsewhere" / "checkout.test.yaml")
    finops("policies", "test", "elsewhere")


def test_check_and_config_check_know_the_tests(folder: Path, finops: Finops) -> None:
    assert finops("policies", "check", "policies")[0] == "1 policy, 1 test in policies: no errors\n"
    assert "1 policy, 1 test: no errors" in finops("config", "check")[0]
    test = folder / "policies" / "checkout.test.yaml"
    test.write_text(test.read_text(encoding="utf-8").replace("policy: checkout", "policy: chekout"), encoding="utf-8")
    fault = "checkout.test.yaml:1:9: no policy is named 'chekout-monthly'. Did you mean 'checkout-monthly'?"
    assert fault in finops("policies", "check", "policies", status=2)[1]
    assert fault in finops("config", "check", status=2)[1]


def test_a_faulty_file_is_neither_a_pass_nor_a_failure(folder: Path, finops: Finops) -> None:
    (folder / "policies" / "checkout.yaml").write_text(POLICY.replace("amount:", "amuont:"), encoding="utf-8")
    assert "checkout.yaml:7:3: unknown key 'amuont'. Did you mean 'amount'?" in finops(
        "policies", "test", "policies", status=2
    )[1]


def test_no_test_is_an_error_that_says_how_to_write_one(folder: Path, finops: Finops) -> None:
    (folder / "policies" / "checkout.test.yaml").unlink()
    assert "policies: no tests found. Add one" in finops("policies", "test", "policies", status=2)[1]


def test_an_editor_gets_a_schema_of_tests(finops: Finops) -> None:
    schema = json.loads(finops("policies", "schema", "--tests")[0])
    assert {"policy", "now", "expect"} <= set(schema["required"])
    assert "pace" in schema["$defs"]["Expectation"]["properties"]["measure"]["examples"]


def test_the_service_takes_no_test_for_a_policy(finops: Finops) -> None:
    findings = json.loads(finops("evaluate", "--format", "json")[0])
    assert [finding["policy"] for finding in findings] == ["checkout-monthly"]


def test_the_plan_of_an_evaluation_says_who_shares_what(folder: Path, finops: Finops) -> None:
    file = folder / "policies" / "more.yaml"
    like = POLICY.replace("checkout-monthly", "checkout-again")
    by_row = re.sub(r"scope: .*", "scope: ResourceId = 'r-1'", POLICY.replace("checkout-monthly", "one-resource"))
    file.write_text(f"{like}\n---\n{by_row}", encoding="utf-8")
    plan = json.loads(finops("evaluate", "--explain-plan", "--format", "json")[0])
    assert (plan["policies"], plan["series"]) == (3, 2)
    assert plan["twins"] == [["checkout-again", "checkout-monthly"]]
    assert plan["single_rows"] == ["one-resource"]
    assert "one-resource" in finops("evaluate", "--explain-plan")[0]


@pytest.mark.parametrize("breaking", [False, True])
def test_the_worked_example_of_the_documentation(folder: Path, finops: Finops, breaking: bool) -> None:
    page = (ROOT / "docs/policies/testing.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n# policies/checkout.test.yaml\n(.*?)```", page, re.DOTALL)
    readme = re.search(r"```yaml\n# policies/checkout.yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert example
    assert readme
    # the page counts lines with the comment that names the file
    text = "# policies/checkout.test.yaml\n" + example[1]
    shown = re.search(r"```\n(FAILED .*?)```", page, re.DOTALL)
    assert shown
    if breaking:
        text = text.replace("1.29 ± 0.01", "1.30 ± 0.001")
    (folder / "policies" / "checkout.yaml").write_text(readme[1], encoding="utf-8")
    (folder / "policies" / "checkout.test.yaml").write_text(text, encoding="utf-8")
    out, _ = finops("policies", "test", "policies", status=1 if breaking else 0)
    told = [line for line in out.splitlines() if not line.startswith("passed ")]
    assert told == (shown[1].splitlines() if breaking else ["3 passed, 0 failed"])


def test_a_backtest_says_when_policies_would_have_fired(folder: Path, finops: Finops) -> None:
    (folder / "policies" / "all.yaml").write_text(
        POLICY.replace("checkout-monthly", "all").replace("  scope: team = 'checkout' AND ChargeCategory <> 'Tax'\n", ""),
        encoding="utf-8",
    )
    (folder / "bills").mkdir()
    header = "BilledCost,EffectiveCost,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,"
    line = "{},{},EUR,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z,2026-03-{:02}T00:00:00Z,2026-03-{:02}T00:00:00Z,Usage"
    lines = [line.format(cost, cost, day, day + 1) for day, cost in enumerate([400] * 9 + [3001] * 2, start=1)]
    text = "\n".join([header + "ChargePeriodEnd,ChargeCategory", *lines])
    (folder / "bills" / "march.csv").write_text(text, encoding="utf-8")
    finops("collect")

    out, _ = finops("policies", "backtest", "policies", "--from", "2026-03-01", "--to", "2026-03-13", "--format", "json")
    found = {group["policy"]: group for group in json.loads(out)["groups"]}
    assert [(it["from"], it["resolved"], it["days_firing"]) for it in found["all"]["alerts"]] == [("2026-03-11", None, 2)]
    assert {day["data"] for day in found["all"]["days"]} == {"final"}
    assert {day["state"] for day in found["checkout-monthly"]["days"]} == {"unknown"}
    table, _ = finops("policies", "backtest", "policies", "--from", "2026-03-01", "--to", "2026-03-13")
    assert "alert 2026-03-11, info, still firing, 2 days: spent 80.0" in " ".join(table.split())
    assert "12 days on final data" in table
    assert "no alerts yet: start 'finops run'" in finops("alerts", "list")[0]

    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    said, _ = finops("policies", "preview", "policies", "--days", "11", "--html", "out/drafts")
    assert said == f"2 policies, 2 verdicts: {Path('out/drafts/index.html')}\n"
    made = {path.name: path.read_bytes() for path in (folder / "out/drafts").iterdir()}
    assert files == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "out" not in path.parts}
    pages = {name: seen(page.decode()) for name, page in made.items() if name.endswith(".html")}
    (fired,) = (page for page in pages.values() if "1 alert in the 11 days through 11 March 2026." in page)
    assert "Evaluated as of 11 March 2026, 23:59 UTC, and bills reach 11 March 2026" in fired
    assert "Spent 9,602.00 EUR 80 % of the budget" in fired.replace("\u00a0", " ")
    (unknown,) = (page for page in pages.values() if "0 alerts in the 11 days through 11 March 2026, 11 days unknown." in page)
    assert "checkout-monthly Unknown" in unknown
    late = "kind: Freshness\nmetadata: {name: late, owner: o}\nspec: {alerts: [{when: age > 48h, severity: warning}]}\n"
    (folder / "late.yaml").write_text(f"apiVersion: finops/v1\n{late}", encoding="utf-8")
    finops("policies", "preview", "late.yaml", "--days", "1", "--html", "out/drafts")
    assert len(list((folder / "out/drafts").glob("*.html"))) == 2, "a page of an earlier draft is removed"
    index = seen((folder / "out/drafts/index.html").read_text(encoding="utf-8"))
    assert "late Unknown 0 alerts in 1 day, 1 day unknown unknown The arrival of data is known only" in index
    refused = finops("policies", "preview", "policies", "--html", "policies", status=2)[1]
    assert "--html: 'policies' cannot take drafts: it is no directory of drafts. Choose a new directory" in refused
    (folder / "policies" / "all.yaml").write_text(POLICY.replace("amount:", "amuont:"), encoding="utf-8")
    refused = finops("policies", "preview", "policies", "--html", "out/drafts", status=2)[1]
    assert "all.yaml:7:3: unknown key 'amuont'. Did you mean 'amount'?" in refused


def test_evaluate_names_a_faulty_file_and_judges_its_last_good_version(folder: Path, finops: Finops) -> None:
    file = folder / "policies" / "checkout.yaml"
    (folder / "policies" / "other.yaml").write_text(POLICY.replace("checkout-monthly", "other"), encoding="utf-8")

    def judged(status: int) -> tuple[set[str], str]:
        out, errors = finops("evaluate", "--format", "json", status=status)
        return {finding["policy"] for finding in json.loads(out)}, errors

    assert judged(0) == ({"checkout-monthly", "other"}, "")
    file.write_text(POLICY.replace("amount:", "amuont:"), encoding="utf-8")
    names, errors = judged(2)
    assert names == {"checkout-monthly", "other"}
    fault = "policies/checkout.yaml:7:3: unknown key 'amuont'. Did you mean 'amount'?"
    assert f"{fault} (its last valid version is evaluated)\n" in errors
    (folder / "state.db").unlink()
    names, errors = judged(2)
    assert names == {"other"}
    assert f"{fault} (its policies are not evaluated)\n" in errors
    assert "checkout.yaml:7:3" in finops("evaluate", "--policy", "checkout-monthly", status=2)[1]


def test_without_a_policy_nothing_can_be_failed_on(folder: Path, finops: Finops) -> None:
    for file in (folder / "policies").iterdir():
        file.unlink()
    assert "there is no policy to fail on" in finops("evaluate", "--fail-on", "warning", status=2)[1]
    assert finops("evaluate")[1] == "warning: the lake is empty: 'finops collect' fills it\n"
