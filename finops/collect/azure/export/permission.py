"""The one permission that reading exports needs, named where it is missing."""

from __future__ import annotations

from finops.errors import AccessDenied

DATA_ACTION = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
"""Lists and reads blobs ("Permissions for blob service operations", learn.microsoft.com/rest/api/storageservices)."""


def with_permission(error: AccessDenied) -> AccessDenied:
    """``error``, with the permission in its remedy where it was the store that refused."""
    if "sign_in" in error.where or "credentials" in error.what:
        return error
    remedy = f"Grant {DATA_ACTION} on the container: the role Storage Blob Data Reader has it"
    return AccessDenied(error.what, where=error.where, remedy=remedy)
