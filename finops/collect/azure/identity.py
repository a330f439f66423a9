"""How a source signs in to Microsoft Entra ID: options of finops.yaml -> a credential of azure-identity."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, assert_never

from pydantic import BaseModel, ConfigDict, Field

from finops.errors import AccessDenied, Unreachable
from finops.http_client.failures import causes
from finops.model.secret import Secret
from finops.objectstore.sdk import SdkConnections, azure_transport

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential


class _Method(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ManagedIdentity(_Method):
    """The identity of the Azure machine that this runs on."""

    method: Literal["managed-identity"]
    client_id: str | None = Field(
        default=None, description="Client ID of a user-assigned identity; default: the system-assigned one"
    )


class WorkloadIdentity(_Method):
    """A Kubernetes service account; what is left out comes from the environment that the cluster's webhook sets."""

    method: Literal["workload-identity"]
    tenant_id: str | None = None
    client_id: str | None = None


class ClientSecret(_Method):
    """An application with a secret."""

    method: Literal["secret"]
    tenant_id: str
    client_id: str
    client_secret: Secret


class ClientCertificate(_Method):
    """An application with a certificate: a PEM or PKCS12 file that holds the private key."""

    method: Literal["certificate"]
    tenant_id: str
    client_id: str
    certificate: Path
    password: Secret | None = None


SignInOptions = Annotated[
    ManagedIdentity | WorkloadIdentity | ClientSecret | ClientCertificate, Field(discriminator="method")
]
"""``sign_in:`` of a source. Without it azure-identity's default chain is tried: environment, workload, managed, az."""


class EntraCredential:
    """A token credential that is made on first use, and anew after a refusal: a rotated secret is picked up.

    ``get_token`` raises ``AccessDenied`` or ``Unreachable``, never what azure-identity raises.
    """

    def __init__(self, options: SignInOptions | None, *, base: Path, source: str) -> None:
        """``base``: the folder that relative paths count from; ``source``: its name, for messages."""
        self._options = options
        self._base = base
        self._source = source
        self._made: TokenCredential | None = None

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        from azure.core.exceptions import AzureError, ClientAuthenticationError  # noqa: PLC0415 - slow, only for Azure

        try:
            if self._made is None:
                self._made = _make(self._options, self._base, azure_transport(SdkConnections(self._where())))
            return self._made.get_token(*scopes, **options)
        except (ClientAuthenticationError, ValueError, OSError) as error:
            self._made = None
            if _is_its_own_fault(error):
                raise self._no_answer("it failed") from error
            said = (str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip(".")
            raise AccessDenied(
                f"Microsoft Entra ID issued no token: {said}", where=self._where(), remedy=_remedy(self._options)
            ) from error
        except AzureError as error:
            raise self._no_answer(type(error).__name__) from error

    def _no_answer(self, why: str) -> Unreachable:
        return Unreachable(
            f"Microsoft Entra ID does not answer ({why})",
            where=self._where(),
            remedy="Check the network, and AZURE_AUTHORITY_HOST where you set it",
        )

    def _where(self) -> str:
        return f"{self._source}, sign_in: {self._options.method if self._options else 'default chain'}"


def _is_its_own_fault(error: Exception) -> bool:
    """azure-identity says "authentication failed" of a server's fault and of no connection, too."""
    from azure.core.exceptions import ServiceRequestError, ServiceResponseError  # noqa: PLC0415 - slow, only for Azure

    return any(
        (getattr(getattr(one, "response", None), "status_code", 0) or 0) >= 500
        or "HTTP Error: 5" in str(one)
        or isinstance(one, ServiceRequestError | ServiceResponseError | Unreachable)
        for one in causes(error)
    )


def _make(options: SignInOptions | None, base: Path, transport: Any) -> TokenCredential:
    from azure import identity  # noqa: PLC0415 - slow to import, and only for Azure

    match options:
        case None:
            return identity.DefaultAzureCredential(transport=transport)
        case ManagedIdentity():
            return identity.ManagedIdentityCredential(client_id=options.client_id, transport=transport)
        case WorkloadIdentity():
            given = {"tenant_id": options.tenant_id, "client_id": options.client_id}
            return identity.WorkloadIdentityCredential(
                **{key: value for key, value in given.items() if value}, transport=transport
            )
        case ClientSecret():
            secret = options.client_secret.reveal(base)
            return identity.ClientSecretCredential(options.tenant_id, options.client_id, secret, transport=transport)
        case ClientCertificate():
            password = options.password.reveal(base) if options.password else None
            path = str(base / options.certificate)
            return identity.CertificateCredential(
                options.tenant_id, options.client_id, path, password=password, transport=transport
            )
        case _:
            assert_never(options)


def _remedy(options: SignInOptions | None) -> str:
    match options:
        case None:
            return "Configure sign_in:, set AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET, or run az login"
        case ManagedIdentity():
            return "Assign a managed identity to this machine, or choose another method"
        case WorkloadIdentity():
            return "Check the service account's federated credential and the pod's label azure.workload.identity/use"
        case ClientSecret():
            return f"Check tenant_id, client_id and whether {options.client_secret} has expired"
        case ClientCertificate():
            return f"Check tenant_id, client_id and that {options.certificate} holds a certificate with its private key"
        case _:
            assert_never(options)
