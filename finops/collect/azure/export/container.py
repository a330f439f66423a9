"""What lies in the container: one listing, and the manifests in it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from finops.collect.azure.export.manifest import Run, is_manifest, parse_manifest
from finops.errors import AccessDenied, NotFound
from finops.objectstore.content import content_of
from finops.objectstore.listing import StoredFile, list_files
from finops.objectstore.location import Location
from finops.ports.source import Usage

DATA_ACTION = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
"""Lists and reads blobs ("Permissions for blob service operations", learn.microsoft.com/rest/api/storageservices)."""


def with_permission(error: AccessDenied) -> AccessDenied:
    """``error``, with the permission in its remedy where it was the store that refused."""
    if "sign_in" in error.where or "credentials" in error.what:
        return error
    remedy = f"Grant {DATA_ACTION} on the container; the role Storage Blob Data Reader includes it"
    return AccessDenied(error.what, where=error.where, remedy=remedy)


_PAGE = 5_000
"""Blobs in one answer of List Blobs, at most."""

_AT_A_TIME = 8


@dataclass(frozen=True, slots=True)
class Content:
    """``files``: by name, counted from the container. ``runs``: one a manifest, in no certain order."""

    files: Mapping[str, StoredFile]
    runs: tuple[Run, ...]


class Container:
    """Keeps what it has read: a manifest is fetched once, then again only when its etag changes."""

    def __init__(self, root: Location, directory: str, usage: Usage) -> None:
        self.root = root
        self.folder = root / directory if directory.strip("/") else root
        self._usage = usage
        self._read: dict[tuple[str, str | None], Run] = {}

    def look(self) -> Content:
        """Raises ``NotFound`` for a folder without a manifest, ``RefusedBatch`` for one that cannot be read, what the
        store raises."""
        try:
            files = list_files(self.folder)
            self._usage.requests += 1 + len(files) // _PAGE
            manifests = [file for file in files if is_manifest(file.uri)]
            if not manifests:
                raise NotFound(
                    "no export manifest was found",
                    where=self.folder.uri,
                    remedy="Check container and directory; a new export runs within a day, then its manifest is there",
                )
            with ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="manifests") as pool:
                runs = tuple(pool.map(self._run, manifests))
        except AccessDenied as error:
            raise with_permission(error) from error
        self._read = {
            (file.uri, file.etag): run for file, run in zip(manifests, runs, strict=True)
        }  # manifests that are gone are forgotten
        return Content({self._name(file): file for file in files}, runs)

    def _run(self, file: StoredFile) -> Run:
        known = self._read.get((file.uri, file.etag))
        if known is not None:
            return known
        name = self._name(file)
        self._usage.requests += 1
        return parse_manifest(content_of(self.root.at(file.uri), shown_as=file.uri), name)

    def _name(self, file: StoredFile) -> str:
        return file.uri.removeprefix(self.root.uri.rstrip("/")).strip("/")
