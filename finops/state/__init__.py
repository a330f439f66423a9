"""What outlives a restart: collections, verdicts, the snapshot, alerts and the outbox, in SQLite or PostgreSQL."""

from finops.state.address import Address
from finops.state.documents import digest_of
from finops.state.pruning import Pruned
from finops.state.state import State, check_state, open_state, unopened_request_costs

__all__ = ["Address", "Pruned", "State", "check_state", "digest_of", "open_state", "unopened_request_costs"]
