"""What a condition may say, and where it says what it may not."""

from __future__ import annotations

import pytest

from finops.conditions import ConditionFaults, parse
from finops.model.columns import Columns

COLUMNS = Columns(
    {
        "team": "text",
        "environment": "text",
        "date": "text",
        "ChargeCategory": "text",
        "ServiceProviderName": "text",
        "SubAccountId": "text",
        "BilledCost": "number",
        "ChargePeriodStart": "time",
        "Tags": "json",
        "source": "text",
    },
    {"ProviderName": "ServiceProviderName"},
    moved={"x_UsageType": "Use SkuMeter"},
)

ACCEPTED = [
    ("team = 'checkout' AND ChargeCategory <> 'Tax'", {"team", "ChargeCategory"}, set()),
    ("ProviderName IN ('AWS', 'Microsoft')", {"ServiceProviderName"}, set()),
    ("tags['cost.center'] = 'a' OR Tags['it''s'] IS NULL", set(), {"cost.center", "it's"}),
    ("Tags IS NOT NULL", {"Tags"}, set()),
    ("BilledCost BETWEEN -1.5 AND 1e3", {"BilledCost"}, set()),
    ("ChargePeriodStart >= DATE '2026-01-01'", {"ChargePeriodStart"}, set()),
    ("ChargePeriodStart < TIMESTAMP '2026-01-01T12:00:00+02:00'", {"ChargePeriodStart"}, set()),
    ("coalesce(team, environment, 'none') NOT IN ('a')", {"team", "environment"}, set()),
    ("starts_with(lower(team), 'check') AND NOT team ILIKE '%OUT'", {"team"}, set()),
    ("\"team\" = 'x' -- the quoted way", {"team"}, set()),
    ("date = 'a column whose name is an SQL word'", {"date"}, set()),
    ("team = 'no; DROP TABLE \"costs\" -- here'", {"team"}, set()),
    ("TRUE", set(), set()),
    (" OR ".join(f"SubAccountId = '{number}'" for number in range(3000)), {"SubAccountId"}, set()),
    ("SubAccountId IN (" + ", ".join(f"'{number:012}'" for number in range(3000)) + ")", {"SubAccountId"}, set()),
]


@pytest.mark.parametrize(("text", "columns", "tags"), ACCEPTED, ids=[text[:40] for text, *_ in ACCEPTED])
def test_a_condition_knows_what_it_names(text: str, columns: set[str], tags: set[str]) -> None:
    condition = parse(text, COLUMNS)

    assert condition.columns == columns
    assert condition.tags == tags
    assert condition.required_columns == columns | ({"Tags"} if tags else set())
    assert condition.text == text


REFUSED = [
    ("", 0, "the condition is empty", "omit the key"),
    ("teem = 'x'", 0, "unknown column 'teem'", "Did you mean 'team'?"),
    ("x_UsageType = 'x'", 0, "unknown column 'x_UsageType'", "Use SkuMeter"),
    ("source = 'a' AND chargecategory = 'x'", 17, "unknown column 'chargecategory'", "Did you mean 'ChargeCategory'?"),
    ('team = "checkout"', 7, "unknown column 'checkout'", "single quotes: 'checkout'"),
    ("team = 'a", 7, "a quote is not closed", "Close it"),
    ("team = 'a'; DROP TABLE costs", 10, "unexpected ';'", "join parts with AND or OR"),
    ("SELECT 1", 0, "'SELECT' is not part of a condition", "columns, tags['key'], literals"),
    ("team IN (SELECT team)", 9, "'SELECT' is not part of a condition", "columns"),
    ("team = CASE WHEN 1 = 1 THEN 'a' END", 7, "'CASE' is not part of a condition", "columns"),
    ("team::int = 1", 4, "'::' is not part of a condition", "columns"),
    ("team || 'x' = 'y'", 5, "'||' is not part of a condition", "columns"),
    ("team = ?", 7, "'?' is not part of a condition", "columns"),
    ("team = N'x'", 7, "'x' is not part of a condition", "columns"),
    ("BilledCost * 2 > 1", 11, "unexpected '*': conditions do not support arithmetic", "Compare columns"),
    ("BilledCost - 2 > 1", 11, "unexpected '-': conditions do not support arithmetic", "Compare columns"),
    ("team = pg_sleep('9')", 7, "unknown function 'pg_sleep'", "coalesce, lower, starts_with, upper"),
    ("lowr(team) = 'a'", 0, "unknown function 'lowr'", "Did you mean 'lower'?"),
    ("team = NULL", 7, "in SQL, nothing equals NULL", "IS NULL"),
    ("team IN ('a', NULL)", 14, "in SQL, nothing equals NULL", "IS NULL"),
    ("team IN ()", 0, "the IN list is empty", "at least one value"),
    ("team IN ('a', source)", 14, "the IN list contains something other than literals", "literals"),
    ("SubAccountId = 123456789012", 15, "a text is compared with a number", "'123456789012' in single quotes"),
    ("BilledCost > '5'", 13, "a number is compared with a text", "5 without quotes"),
    ("BilledCost > 1e30", 13, "'1e30' has more digits than an amount", "23 digits"),
    ("BilledCost > 1e400", 13, "'1e400' has more digits than an amount", "23 digits"),
    ("BilledCost > 1e999999", 13, "'1e999999' has more digits than an amount", "23 digits"),
    ("BilledCost IN (1, -1e400)", 19, "'1e400' has more digits than an amount", "23 digits"),
    ("BilledCost BETWEEN 1e-400 AND 1", 19, "'1e-400' has more digits than an amount", "23 digits"),
    (f"team LIKE '{'_' * 20_000}'", 10, "a pattern has 20000 characters, more than 1000", "shorter"),
    (f"NOT team ILIKE '{'_%' * 60}'", 15, "a pattern has 120 wildcards, more than 100", "one %"),
    (
        f"BilledCost IN ({','.join('1' * 10_001)})",
        20_015,
        "the IN list has 10001 values, more than 10000",
        "dimension",
    ),
    ("ChargePeriodStart > '2026-13-01'", 20, "'2026-13-01' is not a valid time", "'2026-03-01'"),
    ("ChargePeriodStart > 5", 20, "a time is compared with a number", "'2026-03-01'"),
    ("team", 0, "a text is not a condition", "Write a comparison"),
    ("NOT team", 4, "a text is not a condition", "Write a comparison"),
    ("(team = 'a') = (team = 'b')", 1, "conditions cannot be compared", "AND or OR"),
    ("team IS TRUE", 0, "IS must be followed by NULL or NOT NULL", "IS NOT NULL"),
    ("Tags = 'x'", 0, "JSON cannot be compared", "tags['key']"),
    ("tags.team = 'x'", 4, "unexpected '.'", "tags['team']"),
    ("tags[team] = 'x'", 0, "the key of a tag must be in single quotes", "tags['team']"),
    ("tags['a\\b'] = 'x'", 5, "a tag key with a backslash is not supported", "dimension"),
    ("source['a'] = 'x'", 0, "'source' has no keys", "tags['key']"),
    ("team LIKE source", 10, "LIKE needs a pattern in quotes", "LIKE 'prod-%'"),
    ("BilledCost LIKE '1%'", 0, "a number is not a string", "text column"),
    ("(team = 'a'", 8, "a ')' is missing after 'a'", "Close every bracket"),
    ("team = 'a')", 10, "a ')' too many", "that were opened"),
    ("team = 'a' AND", 11, "an operand is missing after AND", "remove the end"),
    ("= 'a'", 2, "an operand is missing before 'a'", "Compare two sides"),
    ("team = 'a' 'b'", 7, "an operator is missing between two words", "AND or OR between"),
    ("team ILIKE 'a' ESCAPE '!'", 15, "'ESCAPE' is not part of a condition", "columns"),
    ("(" * 60 + "team = 'a'" + ")" * 60, 50, "more than 50 levels of brackets", "IN list"),
    ("NOT " * 60 + "team = 'a'", 200, "more than 50 levels of brackets", "IN list"),
    (" = ".join(["team"] * 3000), 0, "nested too deeply", "IN list"),
    ("team = '" + "x" * 100_000 + "'", 100_000, "longer than 100000 characters", "dimension"),
]


@pytest.mark.parametrize(
    ("text", "offset", "message", "hint"), REFUSED, ids=[text[:40] or "nothing" for text, *_ in REFUSED]
)
def test_what_a_condition_has_not_is_refused_at_its_letter(text: str, offset: int, message: str, hint: str) -> None:
    with pytest.raises(ConditionFaults) as refusal:
        parse(text, COLUMNS)

    (fault,) = refusal.value.faults
    assert (fault.offset, fault.message) == (offset, message)
    assert hint in fault.hint


def test_all_faults_come_at_once_in_the_order_of_the_text() -> None:
    with pytest.raises(ConditionFaults) as refusal:
        parse("teem = 'a' OR BilledCost = 'x' OR source = 5 OR foo IS NULL", COLUMNS)

    assert [fault.offset for fault in refusal.value.faults] == [0, 27, 43, 48]


def test_offsets_count_characters_not_bytes() -> None:
    with pytest.raises(ConditionFaults) as refusal:
        parse("team = 'é🎉' AND teem = 'x'", COLUMNS)

    assert refusal.value.faults[0].offset == len("team = 'é🎉' AND ")


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("team = 'checkout'", True),
        ("team = 'checkout' AND source = 'aws'", False),
        ("team = 'checkout' AND source = 'azure'", True),
        ("team = 'checkout' OR source = 'aws'", True),
        ("source <> 'azure'", False),
        ("team IS NULL AND source IN ('aws')", False),
        ("NOT (team IS NOT NULL)", True),
        ("tags['a'] = 'b' AND source LIKE 'az%'", True),
    ],
)
def test_a_condition_says_whether_an_unseen_source_could_belong(text: str, possible: bool) -> None:
    assert parse(text, COLUMNS).may_hold({"source": "azure"}) is possible
