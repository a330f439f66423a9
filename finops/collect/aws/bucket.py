"""The S3 calls that reading an export takes, counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from finops.collect.aws.failures import aws_failures, error_code
from finops.collect.aws.session import aws_client, count_calls
from finops.errors import Unreachable
from finops.objectstore.location import Location
from finops.ports.source import Usage

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_REPLACED = {"412", "PreconditionFailed"}


@dataclass(frozen=True, slots=True)
class StoredObject:
    """``etag`` changes when the content does. ``seen_at``: the server's own time when it said so; both are UTC."""

    key: str
    etag: str
    size_bytes: int
    modified_at: datetime
    seen_at: datetime | None = None


@dataclass
class Bucket:
    """One bucket; signs in the way boto3 does, on the first call. ``endpoint``: a compatible server.

    Every method raises what ``aws_failures`` maps.
    """

    name: str
    endpoint: str | None
    usage: Usage = field(repr=False)

    @cached_property
    def _client(self) -> S3Client:
        client: S3Client = aws_client("s3", where=self.uri(""), endpoint=self.endpoint)
        count_calls(client, "s3", self.usage)
        return client

    def uri(self, key: str) -> str:
        return f"s3://{self.name}/{key}"

    @cached_property
    def location(self) -> Location:
        """The bucket for readers other than boto3."""
        return Location(f"s3://{self.name}", is_local=False, endpoint=self.endpoint, region=self._region())

    def _region(self) -> str | None:
        """Where the bucket stands, for readers that cannot follow a redirection. None where nobody says."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 - slow to import, and only for AWS

        with aws_failures(self.uri(""), "s3:ListBucket"):
            try:
                answer: Any = self._client.head_bucket(Bucket=self.name)
            except ClientError as error:  # the region stands in a refusal, too
                answer = error.response
        found = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("x-amz-bucket-region")
        return str(found) if found else None

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Every object below ``prefix``."""
        with aws_failures(self.uri(prefix), "s3:ListBucket"):
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix):
                for item in page.get("Contents", ()):
                    yield StoredObject(item["Key"], item["ETag"], item["Size"], item["LastModified"])

    def read(self, key: str) -> bytes:
        """A small object, whole."""
        with aws_failures(self.uri(key), "s3:GetObject"):
            return self._client.get_object(Bucket=self.name, Key=key)["Body"].read()

    def look(self, key: str, *, etag: str | None = None) -> StoredObject:
        """What stands there, by reading one byte: unlike HEAD, a refusal comes with its reason.

        Raises ``Unreachable`` where its content is not that of ``etag`` any more.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415 - slow to import, and only for AWS

        with aws_failures(self.uri(key), "s3:GetObject"):
            try:
                return self._first_byte(key, etag)
            except ClientError as error:
                if error_code(error) in _REPLACED:
                    raise Unreachable(
                        "AWS replaced the file during the collection",
                        where=self.uri(key),
                        remedy="No action needed: it is collected again automatically",
                    ) from error
                if error_code(error) == "InvalidRange":  # there is no first byte
                    return StoredObject(key, "", 0, datetime.min.replace(tzinfo=UTC))
                raise

    def _first_byte(self, key: str, etag: str | None) -> StoredObject:
        wanted: dict[str, Any] = {"IfMatch": etag} if etag else {}
        found = self._client.get_object(Bucket=self.name, Key=key, Range="bytes=0-0", **wanted)
        found["Body"].close()
        size = int(found["ContentRange"].rpartition("/")[2])
        said = found["ResponseMetadata"]["HTTPHeaders"].get("date")
        seen_at = parsedate_to_datetime(said) if said else None
        return StoredObject(key, found["ETag"], size, found["LastModified"], seen_at)
