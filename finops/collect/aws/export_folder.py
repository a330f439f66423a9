"""Where an export of AWS Data Exports keeps its manifests, whatever table it exports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from finops.collect.aws.bucket import Bucket, StoredObject
from finops.collect.aws.manifest import Manifest
from finops.errors import NotFound

Choose = Callable[[Iterable[StoredObject], str, str], list[Manifest]]
"""Listed objects, the metadata folder, the export's name -> the manifests that count, oldest first."""


@dataclass(frozen=True, slots=True)
class ExportFolder:
    """``prefix`` and ``export`` as they were given when the export was made."""

    bucket: Bucket
    prefix: str
    export: str

    @property
    def metadata(self) -> str:
        """The key of the folder, which ends with a slash."""
        return "/".join(part for part in (self.prefix.strip("/"), self.export, "metadata/") if part)

    @property
    def uri(self) -> str:
        return self.bucket.uri(self.metadata)

    def manifests(self, choose: Choose) -> list[Manifest]:
        """At least one, by one listing. Raises ``NotFound`` without any, and what S3 raises."""
        found = choose(self.bucket.list(self.metadata), self.metadata, self.export)
        if not found:
            raise NotFound(
                "no manifest of this export was found",
                where=self.uri,
                remedy="Check bucket, prefix and export; a new export takes up to 24 hours to deliver",
            )
        return found
