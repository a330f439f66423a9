"""Credentials the way each SDK finds them, kept and refreshed by the SDK's own objects."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from finops.errors import AccessDenied
from finops.objectstore.sdk import SdkConnections, azure_transport, bound_aws

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from botocore.session import Session

_AZURE_SCOPE = "https://storage.azure.com/.default"


class SignIn:
    """Signs in on first use. An assumed role or a token is asked for again only when it is about to expire."""

    def __init__(self, azure: TokenCredential | None = None) -> None:
        """``azure``: this credential and no other; it maps its own errors. None: what environment and machine offer."""
        self._aws: Session | None = None
        self._given = azure
        self._azure: TokenCredential | None = None

    def aws(self, uri: str) -> tuple[dict[str, str], str | None]:
        """Credentials and region as object-store options, and the endpoint that environment or profile name."""
        import botocore.session  # noqa: PLC0415 - slow to import, and only for S3
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            if self._aws is None:
                self._aws = bound_aws(botocore.session.Session(), SdkConnections(uri))
            found = self._aws.get_credentials()
            credentials = found.get_frozen_credentials() if found is not None else None
            region = self._aws.get_config_variable("region")
            profile_endpoint = self._aws.get_scoped_config().get("endpoint_url")
        except (BotoCoreError, ClientError) as error:
            raise _no_aws(uri, str(error)) from error
        if credentials is None or not credentials.access_key or not credentials.secret_key:
            raise _no_aws(uri, "no AWS credentials were found")
        options = {
            "aws_access_key_id": credentials.access_key,
            "aws_secret_access_key": credentials.secret_key,
            "aws_region": str(region or "us-east-1"),
        }
        if credentials.token:
            options["aws_session_token"] = credentials.token
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or profile_endpoint
        return options, str(endpoint) if endpoint else None

    def azure(self, uri: str) -> dict[str, str]:
        """AZURE_STORAGE_ACCOUNT_KEY, or a token of azure-identity's default chain, as object-store options."""
        if self._given is not None:
            return {"azure_storage_token": self._given.get_token(_AZURE_SCOPE).token}
        key = os.environ.get("AZURE_STORAGE_ACCOUNT_KEY")
        if key:
            return {"azure_storage_account_key": key}
        from azure.core.exceptions import ClientAuthenticationError  # noqa: PLC0415 - slow, and only for Azure
        from azure.identity import DefaultAzureCredential  # noqa: PLC0415

        try:
            if self._azure is None:
                self._azure = DefaultAzureCredential(transport=azure_transport(SdkConnections(uri)))
            return {"azure_storage_token": self._azure.get_token(_AZURE_SCOPE).token}
        except ClientAuthenticationError as error:
            raise AccessDenied(
                "no Azure credentials were found",
                where=uri,
                remedy="Set AZURE_STORAGE_ACCOUNT_KEY, or sign in with a managed identity, AZURE_CLIENT_ID or az login;"
                " the role Storage Blob Data Contributor is needed",
            ) from error


def google(endpoint: str | None) -> dict[str, str]:
    """Application default credentials, as object-store options: GOOGLE_APPLICATION_CREDENTIALS, else what ``gcloud auth
    application-default login`` or the machine offers. ``endpoint``: of a server that asks for no sign-in (an emulator).
    """
    if endpoint:
        anonymous = {"gcs_base_url": endpoint.rstrip("/"), "disable_oauth": True}
        unused = dict.fromkeys(("client_email", "private_key", "private_key_id"), "")
        return {"google_service_account_key": json.dumps(anonymous | unused)}
    path = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    return {"google_application_credentials": path} if path else {}


def _no_aws(uri: str, what: str) -> AccessDenied:
    return AccessDenied(what, where=uri, remedy="Set AWS_PROFILE, AWS_ACCESS_KEY_ID, or give the machine a role")
