"""Where files stand, and how to sign in."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops.errors import AccessDenied, BadArguments
from finops.objectstore.location import Location

KEY = "c2VjcmV0"


def parse(uri: str, endpoint: str | None = None) -> Location:
    return Location.parse(uri, base=Path("/base"), endpoint=endpoint)


@pytest.fixture
def signed_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", KEY)
    return monkeypatch


@pytest.mark.parametrize(
    ("written", "uri"),
    [
        ("./var/lake", "/base/var/lake"),
        ("../lake/", "/lake"),
        ("/srv/lake", "/srv/lake"),
        ("file:///srv/lake", "/srv/lake"),
        ("s3://bucket", "s3://bucket"),
        ("s3://bucket/a//b/", "s3://bucket/a/b"),
        ("s3a://bucket/a", "s3://bucket/a"),
        ("abfss://box@account/lake", "abfss://box@account.dfs.core.windows.net/lake"),
        ("abfss://box@account.dfs.core.windows.net", "abfss://box@account.dfs.core.windows.net"),
        ("abfs://box@account.blob.core.windows.net/x", "abfss://box@account.dfs.core.windows.net/x"),
    ],
)
def test_uris(written: str, uri: str) -> None:
    found = parse(written)
    assert found.uri == str(found) == uri
    assert found.is_local == uri.startswith("/")


@pytest.mark.parametrize(
    "written",
    ["", "s3://", "abfss://box/lake", "abfss://@account/x", "abfss://box@host.example.com/x"],
)
def test_what_is_no_location(written: str) -> None:
    with pytest.raises(BadArguments):
        parse(written)


def test_places_below() -> None:
    assert (parse("s3://bucket") / "costs").uri == "s3://bucket/costs"
    lake = parse("abfss://box@account/lake", "http://127.0.0.1:10000") / "costs"
    assert (lake.root, lake.key) == ("box@account.dfs.core.windows.net", "lake/costs")
    assert lake.endpoint == "http://127.0.0.1:10000"
    assert parse("lake").path == Path("/base/lake")
    with pytest.raises(ValueError, match="not on this machine"):
        _ = lake.path


def test_local_needs_no_options() -> None:
    assert parse("lake").storage_options() == {}


def test_amazon(signed_in: pytest.MonkeyPatch) -> None:
    options = parse("s3://bucket").storage_options()
    assert options["aws_access_key_id"] == "id"
    assert options["aws_secret_access_key"] == "hidden"
    assert options["aws_region"] == "eu-west-3"
    assert not {"aws_endpoint_url", "allow_http", "aws_session_token"} & set(options)
    signed_in.setenv("AWS_SESSION_TOKEN", "token")
    assert parse("s3://bucket").storage_options()["aws_session_token"] == "token"


def test_a_compatible_server_of_amazon(signed_in: pytest.MonkeyPatch) -> None:
    options = parse("s3://bucket", "http://127.0.0.1:9000").storage_options()
    assert (options["aws_endpoint_url"], options["allow_http"]) == ("http://127.0.0.1:9000", "true")
    signed_in.setenv("AWS_ENDPOINT_URL", "https://minio.example.com")
    options = parse("s3://bucket").storage_options()
    assert options["aws_endpoint_url"] == "https://minio.example.com"
    assert "allow_http" not in options


def test_a_profile_of_amazon(signed_in: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[profile bills]\nregion = eu-north-1\nendpoint_url = https://s3.example.com\n")
    (tmp_path / "credentials").write_text("[bills]\naws_access_key_id = other\naws_secret_access_key = hidden2\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        signed_in.delenv(name)
    signed_in.setenv("AWS_PROFILE", "bills")
    options = parse("s3://bucket").storage_options()
    assert (options["aws_access_key_id"], options["aws_region"]) == ("other", "eu-north-1")
    assert options["aws_endpoint_url"] == "https://s3.example.com"


def test_no_credentials_of_amazon(signed_in: pytest.MonkeyPatch) -> None:
    signed_in.delenv("AWS_ACCESS_KEY_ID")
    signed_in.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(AccessDenied, match="no AWS credentials"):
        parse("s3://bucket").storage_options()
    signed_in.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(AccessDenied, match="nobody"):
        parse("s3://bucket").storage_options()


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("http://127.0.0.1:10000", "http://127.0.0.1:10000/account"),
        ("http://127.0.0.1:10000/account/", "http://127.0.0.1:10000/account"),
        ("https://account.blob.core.chinacloudapi.cn", "https://account.blob.core.chinacloudapi.cn"),
    ],
)
def test_azure(signed_in: pytest.MonkeyPatch, endpoint: str, expected: str) -> None:
    options = parse("abfss://box@account/x", endpoint).storage_options()
    assert options["azure_storage_account_name"] == "account"
    assert options["azure_storage_account_key"] == KEY
    assert options["azure_endpoint"] == expected
    assert ("allow_http" in options) == endpoint.startswith("http:")


def test_azure_by_token(signed_in: pytest.MonkeyPatch) -> None:
    import azure.identity
    from azure.core.credentials import AccessToken

    signed_in.delenv("AZURE_STORAGE_ACCOUNT_KEY")
    asked = []

    class Chain:
        def __init__(self, **_: object) -> None:
            """Takes what the real one takes."""

        def get_token(self, scope: str) -> AccessToken:
            asked.append(scope)
            return AccessToken("t0k3n", 0)

    signed_in.setattr(azure.identity, "DefaultAzureCredential", Chain)
    assert parse("abfss://box@account/x").storage_options()["azure_storage_token"] == "t0k3n"
    assert asked == ["https://storage.azure.com/.default"]


def test_azure_without_any_credentials(signed_in: pytest.MonkeyPatch) -> None:
    import azure.identity

    signed_in.delenv("AZURE_STORAGE_ACCOUNT_KEY")

    class Chain:
        def __init__(self, **_: object) -> None:
            """Takes what the real one takes."""

        def get_token(self, scope: str) -> None:
            raise azure.identity.CredentialUnavailableError("none of them")

    signed_in.setattr(azure.identity, "DefaultAzureCredential", Chain)
    with pytest.raises(AccessDenied, match="no Azure credentials"):
        parse("abfss://box@account/x").storage_options()


def test_a_location_shows_no_secret(signed_in: pytest.MonkeyPatch) -> None:
    found = parse("s3://bucket")
    found.storage_options()
    assert "hidden" not in repr(found)
    assert found == parse("s3://bucket")
