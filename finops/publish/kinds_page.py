"""The policy kinds as a page of documentation."""

from __future__ import annotations

from collections.abc import Iterator

from finops.model.kind_profile import KindProfile, Profiles

_HEAD = """\
# Policies

Every policy asks one question, and `kind` chooses it. This page is generated from what the kinds declare about
themselves; kinds of other distributions are listed like these. Scopes, groups, minimums, exceptions and `for` are the
same for all of them; unit tests of policies are described in [testing.md](testing.md).

| kind | question | measures for `when` | metrics |
|---|---|---|---|"""


def kinds_page(profiles: Profiles) -> str:
    """Markdown; what ``docs/policies/README.md`` must say."""
    return "\n".join((_HEAD, *(_row(profile) for profile in profiles.in_order), ""))


def _row(profile: KindProfile) -> str:
    kind = f"[{profile.kind}]({profile.documentation})" if profile.documentation else profile.kind
    metrics = ", ".join(f"`{metric.name}`" for metric in profile.metrics) or "–"
    return f"| {kind} | {profile.question} | {', '.join(_measures(profile))} | {metrics} |"


def _measures(profile: KindProfile) -> Iterator[str]:
    """``pace`` (80%): each with an example of every unit."""
    for name, measure in profile.measures.items():
        yield f"`{name}` ({' or '.join(unit.example for unit in measure.units)})"
