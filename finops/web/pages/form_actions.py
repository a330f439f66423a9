"""What forms ask for, as people type it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from finops.app.alerts import respond
from finops.config.quantities import parse_duration
from finops.errors import BadArguments, InvalidValue
from finops.model.audit import Actor
from finops.model.silence import Matcher
from finops.web.pages.page_data import PagePorts


def acknowledge(ports: PagePorts, actor: Actor, alert_id: str, typed: Mapping[str, str]) -> None:
    """``typed``: ``note``. Raises what ``respond.acknowledge`` raises."""
    respond.acknowledge(ports.state, alert_id, actor=actor, note=typed.get("note", "").strip(), clock=ports.clock)


def accept(ports: PagePorts, actor: Actor, alert_id: str, typed: Mapping[str, str]) -> None:
    """``typed``: ``accepted``, the reason. Raises what ``respond.accept`` raises."""
    respond.accept(ports.state, alert_id, actor=actor, reason=typed.get("accepted", ""), clock=ports.clock)


def silence(ports: PagePorts, actor: Actor, alert_id: str, typed: Mapping[str, str]) -> None:
    """``typed``: ``reason``, ``for`` (``7d``) or ``until`` (a day), ``scope`` (``group``, or ``policy``: all groups).

    Raises what ``respond.silence`` raises.
    """
    finding = ports.state.alerts.alert(alert_id).finding
    matcher: Matcher = {"policy": (finding.policy,)}
    if typed.get("scope") != "policy":
        matcher = {**matcher, **{key: (value,) for key, value in finding.group.items()}}
    respond.silence(
        ports.state,
        matcher,
        until=_until(ports, typed),
        reason=typed.get("reason", ""),
        actor=actor,
        clock=ports.clock,
    )


def lift(ports: PagePorts, actor: Actor, silence_id: str, typed: Mapping[str, str]) -> None:
    """``typed``: ``note``. Raises what ``respond.lift`` raises."""
    respond.lift(ports.state, silence_id, actor=actor, note=typed.get("note", ""), clock=ports.clock)


def claim_saving(ports: PagePorts, actor: Actor, typed: Mapping[str, str]) -> None:
    """``typed``: ``scope``, ``since`` (a day), ``demand``, ``note``. Raises what ``Savings.claim`` raises."""
    try:
        since = date.fromisoformat(typed.get("since", ""))
    except ValueError:
        raise BadArguments("no day", where="since", remedy="Write a day like 2026-03-31") from None
    ports.savings.claim(
        typed.get("scope", ""), since, demand=typed.get("demand", ""), actor=actor, note=typed.get("note", "")
    )


def _until(ports: PagePorts, typed: Mapping[str, str]) -> datetime:
    """The end of the day in ``until``, in the configured days, else so long from now as ``for`` says."""
    day = typed.get("until", "").strip()
    try:
        if day:
            start = datetime.combine(datetime.fromisoformat(day).date(), time(), ports.timezone)
            return start + timedelta(days=1)
        return ports.clock.now() + parse_duration(typed.get("for", "").strip())
    except OverflowError:  # the day after the last day of all
        raise BadArguments("the day does not exist", where="until", remedy="Write a day like 2026-03-31") from None
    except InvalidValue as error:
        raise BadArguments(error.what, where="for", remedy=error.remedy) from error
    except ValueError as error:
        raise BadArguments(
            f"'{day}' is not a valid date", where="until", remedy="Write a day like 2026-03-31"
        ) from error
