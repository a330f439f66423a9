"""Where files stand: a local folder, ``s3://bucket/prefix``, ``gs://bucket/prefix`` or
``abfss://container@account/prefix``.

Credentials are found the way each SDK finds them, afresh on every use, because tokens expire.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from finops.errors import BadArguments
from finops.objectstore.sign_in import SignIn, google

if TYPE_CHECKING:
    from obstore.store import AzureConfig, ClientConfig, GCSConfig, ObjectStore, S3Config

_AZURE_HOSTS = (".dfs.core.windows.net", ".blob.core.windows.net")
# a dead host is noticed in seconds; each request may still take its time
_TIMEOUTS = {"connect_timeout": "10s", "timeout": "120s"}


@dataclass(frozen=True, slots=True)
class Location:
    """A folder (or one file) in a store.

    ``uri`` is understood by polars, delta-rs and obstore: an absolute path, ``s3://…``, ``gs://…``, or ``abfss://…``
    with the account's full host name. ``endpoint`` is the address of a compatible server. ``region``: of the bucket,
    where it is known better than from environment or profile.
    """

    uri: str
    is_local: bool
    endpoint: str | None = None
    region: str | None = None
    _sign_in: SignIn = field(default_factory=SignIn, repr=False, compare=False)

    @classmethod
    def parse(cls, uri: str, *, base: Path, endpoint: str | None = None, sign_in: SignIn | None = None) -> Location:
        """``uri`` as a user writes it; a relative path counts from ``base``. Raises ``BadArguments``.

        ``sign_in``: other credentials than those that each SDK finds by itself.
        """
        return cls._parsed(uri, base, endpoint, sign_in or SignIn())

    @classmethod
    def _parsed(cls, uri: str, base: Path, endpoint: str | None, sign_in: SignIn) -> Location:
        if uri.startswith("file://"):
            uri = urlsplit(uri).path
        scheme, separator, _ = uri.partition("://")
        if not separator:
            if not uri:
                raise BadArguments("the path is empty", where="location", remedy="Write a path or a URI")
            return cls(os.path.normpath((base / Path(uri).expanduser()).absolute()), is_local=True)
        parts = urlsplit(uri)
        path = re.sub("/+", "/", parts.path).rstrip("/")
        if scheme in {"s3", "s3a"}:
            if not parts.netloc:
                raise BadArguments("the bucket is missing", where=uri, remedy="Write s3://bucket/prefix")
            return cls(f"s3://{parts.netloc}{path}", is_local=False, endpoint=endpoint, _sign_in=sign_in)
        if scheme in {"gs", "gcs"}:
            if not parts.netloc:
                raise BadArguments("the bucket is missing", where=uri, remedy="Write gs://bucket/prefix")
            return cls(f"gs://{parts.netloc}{path}", is_local=False, endpoint=endpoint, _sign_in=sign_in)
        if scheme in {"abfss", "abfs"}:
            uri = f"abfss://{_container_and_host(uri, parts.netloc)}{path}"
            return cls(uri, is_local=False, endpoint=endpoint, _sign_in=sign_in)
        raise BadArguments(
            f"the scheme '{scheme}' is not supported",
            where=uri,
            remedy="Write a path, s3://bucket/prefix, gs://bucket/prefix or abfss://container@account/prefix",
        )

    def __str__(self) -> str:
        return self.uri

    def __truediv__(self, name: str) -> Location:
        """The folder or file ``name`` in this folder."""
        return replace(self, uri=f"{self.uri.rstrip('/')}/{name.strip('/')}")

    def at(self, uri: str) -> Location:
        """Another place in the same store, by its full ``uri``."""
        return replace(self, uri=uri)

    @property
    def path(self) -> Path:
        """The local path; only of a local location."""
        if not self.is_local:
            raise ValueError(f"{self.uri} is not on this machine")
        return Path(self.uri)

    @property
    def root(self) -> str:
        """The bucket, ``container@host``, or an empty text for a local path."""
        return "" if self.is_local else urlsplit(self.uri).netloc

    @property
    def key(self) -> str:
        """What follows the bucket or container, without slashes around it; the whole path of a local location."""
        return self.uri if self.is_local else urlsplit(self.uri).path.strip("/")

    def storage_options(self) -> dict[str, str]:
        """Options that polars (``storage_options``) and delta-rs both take. Empty for local paths.

        AWS: botocore's own chain (environment, profile, role, container, instance). Azure: AZURE_STORAGE_ACCOUNT_KEY,
        or a token of azure-identity's default chain. Google: application default credentials. Raises ``AccessDenied``
        when no credentials are found.
        """
        if self.is_local:
            return {}
        if self.uri.startswith("s3:"):
            options, found = self._sign_in.aws(self.uri)
            if self.region:
                options["aws_region"] = self.region
            endpoint = self.endpoint or found
            if endpoint and not _is_amazon(endpoint):
                options |= {"aws_endpoint_url": endpoint, **_plain_http(endpoint)}
            return options | _TIMEOUTS
        if self.uri.startswith("gs:"):
            return google(self.endpoint) | _plain_http(self.endpoint or "") | _TIMEOUTS
        account = self.root.partition("@")[2].partition(".")[0]
        options = {"azure_storage_account_name": account, **self._sign_in.azure(self.uri), **_TIMEOUTS}
        if self.endpoint:
            options |= {"azure_endpoint": _account_endpoint(self.endpoint, account), **_plain_http(self.endpoint)}
        return options

    def store(self) -> ObjectStore:
        """An obstore store whose root is this location; a local folder is created."""
        from obstore.store import AzureStore, GCSStore, LocalStore, S3Store  # noqa: PLC0415 - seldom needed

        if self.is_local:
            return LocalStore(self.uri, mkdir=True)
        options = self.storage_options()
        allow_http = options.pop("allow_http", "") == "true"
        client: ClientConfig = {
            "allow_http": allow_http,
            "connect_timeout": options.pop("connect_timeout"),
            "timeout": options.pop("timeout"),
        }
        if self.uri.startswith("s3:"):
            return S3Store(self.root, prefix=self.key or None, config=cast("S3Config", options), client_options=client)
        if self.uri.startswith("gs:"):
            return GCSStore(
                self.root, prefix=self.key or None, config=cast("GCSConfig", options), client_options=client
            )
        container = self.root.partition("@")[0]
        azure = cast("AzureConfig", options)
        return AzureStore(container, prefix=self.key or None, config=azure, client_options=client)


def _container_and_host(uri: str, netloc: str) -> str:
    container, _, host = netloc.partition("@")
    account, known = host, host.partition(".")[0]
    for suffix in _AZURE_HOSTS:
        account = account.removesuffix(suffix)
    if not container or not known or account != known:
        raise BadArguments(
            "the container or the account cannot be read from it",
            where=uri,
            remedy="Write abfss://container@account/prefix, and endpoint: for any other host",
        )
    return f"{container}@{account}{_AZURE_HOSTS[0]}"


def _account_endpoint(endpoint: str, account: str) -> str:
    """Compatible servers without a host name for each account (Azurite) take the account as the path's first part."""
    parts = urlsplit(endpoint)
    if parts.path.strip("/") or (parts.hostname or "").startswith(f"{account}."):
        return endpoint.rstrip("/")
    return f"{endpoint.rstrip('/')}/{account}"


def _is_amazon(endpoint: str) -> bool:
    return (urlsplit(endpoint).hostname or "").endswith((".amazonaws.com", ".amazonaws.com.cn"))


def _plain_http(endpoint: str) -> dict[str, str]:
    return {"allow_http": "true"} if endpoint.startswith("http://") else {}
