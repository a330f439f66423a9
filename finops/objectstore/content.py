"""One small file, whole."""

from __future__ import annotations

from obstore.exceptions import BaseError

from finops.objectstore.location import Location
from finops.objectstore.unreadable import unreadable


def content_of(location: Location, *, shown_as: str) -> bytes:
    """The bytes of the file at ``location``. Raises what ``unreadable`` maps, with ``shown_as`` as its place."""
    try:
        if location.is_local:
            return location.path.read_bytes()
        folder, _, name = location.uri.rpartition("/")
        return bytes(location.at(folder).store().get(name).bytes())
    except (OSError, BaseError) as error:
        raise unreadable(error, shown_as) from error
