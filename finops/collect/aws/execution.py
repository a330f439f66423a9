"""One delivery of one billing period: the files that its manifest names, seen to be there and whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from finops.collect.aws.bucket import Bucket, StoredObject
from finops.collect.aws.cur import VERSION
from finops.collect.aws.manifest import Manifest, data_files
from finops.errors import NotFound, RefusedBatch, Unreachable

READER = f"cur-{VERSION}"
"""What makes FOCUS rows of the files. Another reader reads known periods again."""

_WAIT = "No action needed: it is collected again once AWS has written the manifest, which comes last"
_WRITING = timedelta(hours=1)
"""How long AWS may take from a period's first file to its manifest. A file that is newer than its manifest for longer
was copied (a replicated bucket keeps no order), and is read as it is."""


@dataclass(frozen=True, slots=True)
class Execution:
    """``files`` in the manifest's order."""

    manifest: Manifest
    files: tuple[StoredObject, ...]


def look_at(bucket: Bucket, manifest: Manifest) -> Execution:
    """Reads the manifest and looks at each file that it names.

    Raises ``Unreachable`` where a file is missing or AWS is just overwriting it, ``RefusedBatch`` where one is empty,
    and what S3 raises.
    """
    where = bucket.uri(manifest.stored.key)
    keys = data_files(bucket.read(manifest.stored.key), where=where)
    return Execution(manifest, tuple(_look(bucket, manifest, key) for key in keys))


def digest(files: Sequence[StoredObject]) -> str:
    """Of the files' contents and how they are read: a manifest that is written again with the same files is no news."""
    marks = "\n".join([READER, *sorted(f"{file.etag}:{file.size_bytes}" for file in files)])
    return f"sha256:{sha256(marks.encode()).hexdigest()}"


def _look(bucket: Bucket, manifest: Manifest, key: str) -> StoredObject:
    named_by = bucket.uri(manifest.stored.key)
    try:
        file = bucket.look(key)
    except NotFound as error:
        raise Unreachable(f"{named_by} lists it, but it does not exist", where=bucket.uri(key), remedy=_WAIT) from error
    if not file.size_bytes:
        raise RefusedBatch("the file is empty", where=bucket.uri(key), remedy="Have AWS refresh the export")
    is_fresh = file.seen_at is not None and file.seen_at - file.modified_at < _WRITING
    if is_fresh and file.modified_at > manifest.stored.modified_at:
        raise Unreachable(f"it is newer than {named_by}: AWS is replacing it", where=bucket.uri(key), remedy=_WAIT)
    return file
