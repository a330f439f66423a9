"""The IAM policy that finops brings along allows exactly the calls of S3 that a collection makes."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from finops.app.collection.source import collect
from tests.contract.sources.focus_rows import focus_frame
from tests.contract.sources.place import Line
from tests.servers.faulty import Asked, FaultyServer
from tests.servers.moto import S3Server
from tests.unit.collect.aws.exports import Export
from tests.unit.collect.aws.test_data_export import Clock, lake

__all__ = ["lake"]

ROOT = Path(__file__).parents[4]
POLICY = ROOT / "finops/assets/iam/aws-data-export.json"
MARCH = date(2026, 3, 1)


def statements(bucket: str) -> list[dict[str, Any]]:
    text = POLICY.read_text().replace("<bucket>", bucket).replace("<prefix>", "focus").replace("<export>", "export")
    assert "<" not in text
    found: list[dict[str, Any]] = json.loads(text)["Statement"]
    return found


def action(asked: Asked) -> tuple[str, str, str]:
    """IAM action, resource and prefix of a request (https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html)."""
    parts = urlsplit(asked.path)
    bucket, _, key = parts.path.strip("/").partition("/")
    if key:
        assert asked.method in {"GET", "HEAD"}
        return "s3:GetObject", f"arn:aws:s3:::{bucket}/{key}", ""
    return "s3:ListBucket", f"arn:aws:s3:::{bucket}", parse_qs(parts.query).get("prefix", [""])[0]


def allows(statement: dict[str, Any], wanted: tuple[str, str, str]) -> bool:
    name, resource, prefix = wanted
    pattern = statement.get("Condition", {}).get("StringLike", {}).get("s3:prefix", "*")
    fits = fnmatchcase(resource, statement["Resource"]) and fnmatchcase(prefix, pattern)
    return statement["Action"] == name and statement["Effect"] == "Allow" and fits


def test_it_allows_what_is_called_and_nothing_is_allowed_in_vain(
    s3_bucket: str,
    moto_server: S3Server,
    faulty_s3: FaultyServer,
    lake: Any,
) -> None:
    export = Export(moto_server.client(), s3_bucket, faulty_s3.endpoint)
    export.manifest(MARCH, export.files(MARCH, [focus_frame(MARCH, [Line(MARCH, Decimal(1))])] * 2))
    before = len(faulty_s3.asked)
    source = export.source()
    assert collect(source, lake, Clock()).run.error == ""
    assert all(check.passed for check in source.check())
    asked = faulty_s3.asked[before:]
    policy = statements(s3_bucket)
    # where the bucket stands is told in the refusal, too: see Bucket.location
    needed = [one for one in asked if one != Asked("HEAD", f"/{s3_bucket}")]
    assert [one for one in needed if not any(allows(statement, action(one)) for statement in policy)] == []
    assert [one["Sid"] for one in policy if not any(allows(one, action(asked)) for asked in needed)] == []
