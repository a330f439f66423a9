"""What is repaired, and how it is counted."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import polars as pl
import pytest

from finops.errors import RefusedBatch
from finops.focus.ai import AI_COLUMNS
from finops.focus.conform import conform
from finops.focus.schema import AMOUNT, polars_schema
from finops.model.cell import NOTHING
from finops.ports.source import Part
from tests.support.focus_frames import ROW, bill, conformed, notable, part

D = Decimal
at = partial(datetime, tzinfo=UTC)


def test_a_clean_bill_needs_no_repairing() -> None:
    rows, found = conformed(bill({}, {}))
    assert found.verify().repaired == {}
    assert found.verify().rows == rows.height == 2


@pytest.mark.parametrize(
    ("text", "moment", "kind"),
    [
        ("2026-03-05T06:07:08Z", at(2026, 3, 5, 6, 7, 8), None),
        ("2026-03-05T06:07:08.25Z", at(2026, 3, 5, 6, 7, 8, 250_000), None),
        ("2026-03-05 06:07:08", at(2026, 3, 5, 6, 7, 8), "no zone, read as UTC"),
        ("2026-03-05T06:07:08", at(2026, 3, 5, 6, 7, 8), "no zone, read as UTC"),
        ("2026-03-05", at(2026, 3, 5), "no zone, read as UTC"),
        (" 2026-03-05 06:07:08 ", at(2026, 3, 5, 6, 7, 8), "no zone, read as UTC"),
        ("2026-03-05T06:07:08+02:00", at(2026, 3, 5, 4, 7, 8), "offset, converted to UTC"),
        ("2026-03-05 06:07:08-0530", at(2026, 3, 5, 11, 37, 8), "offset, converted to UTC"),
        ("2026-03-05 06:07:08 UTC", at(2026, 3, 5, 6, 7, 8), "other form of ISO 8601"),
        ("2026-03-05T06:07Z", at(2026, 3, 5, 6, 7), "other form of ISO 8601"),
        ("20260305T060708Z", at(2026, 3, 5, 6, 7, 8), "other form of ISO 8601"),
        ("2026-03-05T20:00-05:00", at(2026, 3, 6, 1), "offset, converted to UTC"),
        ("2026-03-05T20:00+0530", at(2026, 3, 5, 14, 30), "offset, converted to UTC"),
        ("2026-03-05 20+02", at(2026, 3, 5, 18), "offset, converted to UTC"),
        ("2026-03-05 20:00:00 +0000 UTC", at(2026, 3, 5, 20), "offset, converted to UTC"),
        ("2026-03-05t20:00:00.1234567z", at(2026, 3, 5, 20, 0, 0, 123_456), "other form of ISO 8601"),
        ("2026-03-05 20:00:00 GMT", at(2026, 3, 5, 20), "other form of ISO 8601"),
    ],
)
def test_times(text: str, moment: datetime, kind: str | None) -> None:
    rows, found = conformed(bill({"ChargePeriodStart": text, "ChargePeriodEnd": "2026-04-01T00:00:00Z"}))
    assert rows["ChargePeriodStart"].to_list() == [moment]
    assert found.verify().repaired == ({f"ChargePeriodStart: {kind}": 1} if kind else {})


COMMAS = {name: "1,5" for name, dtype in polars_schema().items() if name in ROW and dtype == AMOUNT}


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234,56", "1234.56"),
        ("-0,123", "-0.123"),
        ("1.234,56", "1234.56"),
        ("1 234,5", "1234.5"),
        ("1\u202f234,56", "1234.56"),
        ("1'234,56", "1234.56"),
        ("1.234.567", "1234567"),
        ("1,234", "1.234"),
        ("7", "7"),
    ],
)
def test_a_bill_with_decimal_commas(text: str, amount: str) -> None:
    rows, found = conformed(bill(COMMAS, {**COMMAS, "BilledCost": text}))
    assert rows["BilledCost"].to_list() == [D("1.5"), D(amount)]
    assert "BilledCost: decimal comma" in found.verify().repaired


@pytest.mark.parametrize("others", ["2", "1,234.50", "1 234"])
def test_a_comma_before_three_digits_is_refused_where_nothing_says_what_it_is(others: str) -> None:
    _, found = conformed(bill({**COMMAS, **dict.fromkeys(COMMAS, others), "BilledCost": "1,234"}))
    with pytest.raises(RefusedBatch, match="column BilledCost: '1,234' can be read with a decimal comma or without"):
        found.verify()


@pytest.mark.parametrize("text", ["1.234", "1.5", "-.5"])
def test_a_bill_with_decimal_commas_has_no_decimal_points(text: str) -> None:
    _, found = conformed(bill(COMMAS, {**COMMAS, "ListCost": text}))
    with pytest.raises(RefusedBatch, match=r"'1,5' has a decimal comma, '.*' in the column ListCost"):
        found.verify()


def test_one_column_may_mix_its_forms() -> None:
    texts = ["2026-03-05T00:00:00Z", "2026-03-05 00:00:00", "2026-03-05T02:00:00+02:00", "2026-03-05 00:00:00"]
    rows, found = conformed(bill(*({"ChargePeriodStart": text, "ChargePeriodEnd": "2026-04-01"} for text in texts)))
    assert rows["ChargePeriodStart"].to_list() == [at(2026, 3, 5)] * 4
    repaired = found.verify().repaired
    assert repaired["ChargePeriodStart: no zone, read as UTC"] == 2
    assert repaired["ChargePeriodStart: offset, converted to UTC"] == 1


@pytest.mark.parametrize("dtype", [pl.Datetime("ms"), pl.Datetime("ns"), pl.Date()])
def test_a_typed_time_without_a_zone_is_utc(dtype: pl.DataType) -> None:
    frame = bill({}).with_columns(BillingPeriodStart=pl.Series([date(2026, 3, 1)]).cast(dtype))
    rows, found = conformed(frame)
    assert rows["BillingPeriodStart"].to_list() == [at(2026, 3, 1)]
    assert found.verify().repaired == {"BillingPeriodStart: no zone, read as UTC": 1}


def test_a_typed_time_of_another_zone_is_converted() -> None:
    start = pl.Series([at(2026, 3, 1)]).dt.convert_time_zone("Europe/Zurich")
    rows, found = conformed(bill({}).with_columns(BillingPeriodStart=start))
    assert rows["BillingPeriodStart"].to_list() == [at(2026, 3, 1)]
    assert rows["billing_period"].to_list() == [date(2026, 3, 1)]
    assert found.verify().repaired == {"BillingPeriodStart: offset, converted to UTC": 1}


@pytest.mark.parametrize(
    ("column", "raw", "value", "kind"),
    [
        ("BilledCost", " 1.25", D("1.25"), "blanks"),
        ("BilledCost", "1e-3", D("0.001"), None),
        ("BilledCost", "1.0000000000000005", D(1), "rounded at 15 digits"),
        ("BilledCost", "1.0000000000000015", D("1.000000000000002"), "rounded at 15 digits"),
        ("BilledCost", "1.000000000000000000", D(1), None),
        ("ListCost", "NULL", None, "literal NULL"),
        ("ListUnitPrice", "", None, "empty text"),
        ("BillingCurrency", "eur", "EUR", "casing"),
        ("ChargeCategory", "usage", "Usage", "casing"),
        ("ChargeFrequency", "Usage-based", "Usage-Based", "casing"),
        ("ServiceCategory", " ai and machine learning", "AI and Machine Learning", "casing"),
        ("ResourceId", "NULL", None, "literal NULL"),
        *[("ResourceId", text, None, f"literal {text}") for text in NOTHING if text],
        ("ResourceId", "", None, "empty text"),
        *[("ResourceId", text, text, None) for text in ("none", "NA", "Nullarbor", "x\u200by", "Büro")],
        ("ChargeClass", "None", None, "literal None"),
        ("ListCost", "N/A", None, "literal N/A"),
        ("SubAccountId", "\ufeff007\u200b", "007", "invisible characters around the value"),
        ("BilledCost", "\u200b1.5", D("1.5"), "invisible characters around the value"),
        ("BilledCost", "1,234.56", D("1234.56"), "thousands separators"),
        ("BilledCost", "1,234,567", D(1234567), "thousands separators"),
        ("BilledCost", "1'234.56", D("1234.56"), "thousands separators"),
        ("BilledCost", "１２.５", D("12.5"), "digits or signs of another script"),
        ("BilledCost", "\u22121.5", D("-1.5"), "digits or signs of another script"),
        ("PricingCategory", "", None, "empty text"),
        ("SubAccountId", "007", "007", None),
        ("Tags", "NULL", None, "literal NULL"),
        ("Tags", "{}", None, None),
        ("Tags", '{ "b" : 1, "a": "ä" }', '{"a":"ä","b":1}', None),
        ("Tags", '{" a ":"x"}', '{"a":"x"}', "blanks around keys"),
        ("Tags", '{" a":"x","a":"x"}', '{"a":"x"}', "blanks around keys"),
        ("SkuPriceDetails", '{"CoreCount": 4}', '{"CoreCount":4}', None),
    ],
)
def test_values(column: str, raw: str, value: Any, kind: str | None) -> None:
    rows, found = conformed(bill({column: raw}))
    assert rows[column].to_list() == [value]
    assert notable(dict(found.verify().repaired)) == ({f"{column}: {kind}": 1} if kind else {})


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (pl.Series([7], dtype=pl.Int64), "7"),
        (pl.Series([1234567890123.0], dtype=pl.Float64), "1234567890123"),
        (pl.Series(["a"], dtype=pl.Categorical), "a"),
        (pl.Series([True]), "true"),
    ],
)
def test_ids_of_other_types_become_text(values: pl.Series, text: str) -> None:
    rows, _ = conformed(bill({}).with_columns(SubAccountId=values))
    assert rows["SubAccountId"].to_list() == [text]


def test_a_value_that_focus_does_not_list_is_kept_and_noted() -> None:
    rows, found = conformed(bill({"ServiceCategory": "Quantum"}, {"ServiceCategory": "Quantum"}, {}))
    assert rows["ServiceCategory"].to_list() == ["Quantum", "Quantum", None]
    note = "bill.csv: ServiceCategory: values outside the FOCUS list, kept (2 rows)"
    assert note in found.verify().notes


def test_tags_that_differ_only_by_blanks_stay_when_their_values_differ() -> None:
    rows, found = conformed(bill({"Tags": '{"a":"1"," a":"2"}'}))
    assert rows["Tags"].to_list() == ['{" a":"2","a":"1"}']
    assert "differ only in blanks" in " ".join(found.verify().notes)
    assert found.verify().repaired == {}


@pytest.mark.parametrize(
    "tags",
    [
        '{"a":1,"a":2}',
        '{"a":1,"a" :2}',
        '{"a" : "x:y","b":1,"a":"z"}',
        '{"a":"\\":","a":1}',
        '{"a":{"b":1,"b":2}}',
        '{"a":1,"a":"1"}',
    ],
)
def test_a_key_with_two_values_is_refused_however_it_is_written(tags: str) -> None:
    _, found = conformed(bill({"Tags": tags}))
    with pytest.raises(RefusedBatch, match="a key has two values"):
        found.verify()


@pytest.mark.parametrize(
    "tags", ['{"a":1,"a":1}', '{"arn" : "a:b:c"}', '{"a":"x\\":1"}', '{"n":' + "9" * 50 + "}", '{"a":{"b":1},"b":2}']
)
def test_other_objects_are_taken(tags: str) -> None:
    rows, found = conformed(bill({"Tags": tags}))
    assert found.verify().rows == 1
    assert rows["Tags"][0]


GOOGLE = [
    {"key": "team", "value": "x", "x_type": "label", "x_inherited": False, "x_namespace": "n/a"},
    {"key": "env", "value": "prod", "x_type": "project_label", "x_inherited": True, "x_namespace": "n/a"},
    {"key": "env", "value": "dev", "x_type": "label", "x_inherited": False, "x_namespace": "n/a"},
]
FROM_GOOGLE = '{"env":"dev","project_label/env":"prod","team":"x"}'
TEAM = '{"env":"dev","team":"x"}'


@pytest.mark.parametrize(
    ("tags", "text"),
    [
        (json.dumps(GOOGLE), FROM_GOOGLE),
        (GOOGLE, FROM_GOOGLE),
        (GOOGLE[:2], '{"env":"prod","team":"x"}'),
        ('[{"Key":"team","Value":"x"},{"Key":"env","Value":"dev"}]', TEAM),
        ('[{"team":"x"},{"env":"dev"}]', TEAM),
        ('[["team","x"],["env","dev"]]', TEAM),
        ('"{\\"team\\":\\"x\\",\\"env\\":\\"dev\\"}"', TEAM),
        ('"team": "x","env": "dev"', TEAM),
        ("{'team': 'x', 'env': 'dev'}", TEAM),
        ("[{'key': 'team', 'value': 'x'}, {'key': 'env', 'value': 'dev'}]", TEAM),
        ([{"key": "team", "value": "x"}, {"key": "env", "value": "dev"}], TEAM),
        ({"team": "x", "env": "dev"}, TEAM),
        ([{"key": "cores", "value": 4, "x_type": "label"}], '{"cores":"4"}'),
        ('[{"key":"cores","value":4}]', '{"cores":4}'),
        ("[]", None),
        ("null", None),
        ("{}", None),
    ],
)
def test_tags_in_any_shape(tags: Any, text: str | None) -> None:
    rows, found = conformed(bill({"Tags": tags}))
    assert rows["Tags"].to_list() == [text]
    assert found.verify().rows == 1


@pytest.mark.parametrize(
    "tags",
    ['["checkout"]', "team=checkout", '"team"', "{'a': open('/etc/passwd')}", "{'team'}", '[{"a":1,"b":2}]', "[[1,2]]"],
)
def test_tags_that_are_no_keys_with_values(tags: str) -> None:
    _, found = conformed(bill({"Tags": tags}))
    with pytest.raises(RefusedBatch, match="is not a JSON object"):
        found.verify()


def test_unknown_columns_are_kept() -> None:
    frame = bill({"Id": "12", "x_Own": "a", "cost centre": "NULL", "BilledCosts": "1"})
    rows, found = conformed(frame)
    kept = rows.select("x_Id", "x_Own", "x_cost_centre", "x_BilledCosts").row(0)
    assert kept == ("12", "a", None, "1")
    assert found.verify().repaired == {"x_cost_centre: literal NULL": 1}


def test_extra_columns_keep_their_types_where_they_are_the_provider_s() -> None:
    frame = bill({}).with_columns(
        x_small=pl.Series([1], dtype=pl.Int16),
        x_ratio=pl.Series([0.5], dtype=pl.Float32),
        x_flag=True,
        x_day=date(2026, 3, 1),
        x_when=pl.Series([date(2026, 3, 1)]).cast(pl.Datetime("ms")),
        x_money=pl.Series([D("1.20")], dtype=pl.Decimal(20, 2)),
        x_pairs=pl.Series([{"b": "1", "a": "2"}], dtype=pl.Map(pl.String, pl.String)),
        x_list=pl.Series([[1, 2]]),
        number=pl.Series([7], dtype=pl.Int64),
    )
    rows, _ = conformed(frame)
    extra = rows.select(pl.col("^x_.*$").exclude("x_Principal", "x_PublisherName", *AI_COLUMNS))
    assert extra.schema == {
        "x_day": pl.Date(),
        "x_flag": pl.Boolean(),
        "x_list": pl.String(),
        "x_money": pl.Decimal(20, 2),
        "x_number": pl.String(),
        "x_pairs": pl.String(),
        "x_ratio": pl.Float64(),
        "x_small": pl.Int64(),
        "x_when": pl.Datetime("us", "UTC"),
    }
    when = at(2026, 3, 1)
    assert extra.row(0) == (date(2026, 3, 1), True, "[1,2]", D("1.20"), "7", '{"a":"2","b":"1"}', 0.5, 1, when)


def test_names_that_differ_by_case_are_repaired() -> None:
    rows, found = conformed(bill({}).rename({"BilledCost": "billedcost", "Tags": " TAGS"}))
    assert rows["BilledCost"].to_list() == [D("1.5")]
    assert found.verify().repaired == {"BilledCost: column name": 1, "Tags: column name": 1}


def test_dropped_names_move_to_their_successors() -> None:
    rows, found = conformed(bill({}))
    assert rows.select("ServiceProviderName", "x_PublisherName").row(0) == ("Acme", "Acme Publishing")
    assert "ProviderName" not in rows.columns
    assert found.version == "1.0"


def test_a_dropped_name_beside_its_successor_loses_nothing() -> None:
    rows, found = conformed(bill({"ServiceProviderName": "Seller", "HostProviderName": "Host"}))
    assert rows.select("ServiceProviderName", "x_ProviderName").row(0) == ("Seller", "Acme")
    assert found.version == "1.3"


def test_missing_mandatory_columns_are_noted() -> None:
    _, found = conformed(bill({}).drop("ListCost"))
    (note,) = found.verify().notes
    assert note.startswith("bill.csv: mandatory columns are missing, left null: ")
    assert "ListCost" in note
    assert "ServiceProviderName" not in note


def test_blank_lines_are_no_rows() -> None:
    frame = bill({}, {})
    blank = pl.DataFrame([[None]] * frame.width, schema=frame.schema, orient="col")
    rows, found = conformed(pl.concat([frame, blank, frame.head(1)]))
    assert rows.height == found.verify().rows == 3
    assert found.verify().repaired == {"row: blank line": 1}


def test_a_bill_without_rows_is_a_bill() -> None:
    rows, found = conformed(bill({}).clear())
    assert rows.height == 0
    assert found.verify().rows == 0


def test_verifying_unread_rows_reads_them() -> None:
    found = conform(Part("bill.csv", bill({"ChargeFrequency": "recurring"}).lazy))
    assert found.verify().repaired == {"ChargeFrequency: casing": 1}


def test_only_rows_of_the_offered_periods_pass() -> None:
    other = {
        "BillingPeriodStart": "2026-04-01T00:00:00Z",
        "BillingPeriodEnd": "2026-05-01T00:00:00Z",
        "BilledCost": "x",
    }
    found = conform(part(bill({}, other)), periods=[date(2026, 3, 1)])
    assert found.rows.collect(engine="streaming")["billing_period"].to_list() == [date(2026, 3, 1)]
    assert found.verify().rows == 1  # a fault of another period is not this collection's


def test_the_schema_is_known_before_a_row_is_read() -> None:
    found = conform(part(bill({"x_a": "1"})))
    assert dict(found.rows.collect_schema()) == dict(found.rows.collect(engine="streaming").schema) == found.schema
    assert list(found.schema)[-1] == "billing_period"
    assert ROW.keys() - {"ProviderName", "PublisherName"} <= found.schema.keys()
