"""What the installed policy kinds declare, for tests of what is made of it."""

from __future__ import annotations

from finops.config.plugins import policy_profiles
from finops.publish.catalogue import evaluated

PROFILES = policy_profiles()
EVALUATED = evaluated(PROFILES)
