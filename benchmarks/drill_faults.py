"""What the faults of a drill do: how each begins, and how it ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from benchmarks.drill_replica import Replica
from benchmarks.drill_schedule import Fault, Kind
from benchmarks.drill_servers import Servers

Act = Callable[[], object]


def acts_of(fault: Fault, servers: Servers, replicas: Sequence[Replica]) -> tuple[Act, Act]:
    """How it begins, and how it ends."""
    one = replicas[fault.replica]
    bad, config, filler = (one.folder / name for name in ("policies/bad.yaml", "finops.yaml", "tmp/filler"))
    good = config.read_text(encoding="utf-8").replace("sauces: {}\n", "")

    def reload(text: str) -> None:
        config.write_text(text, encoding="utf-8")
        one.process.send_signal(signal.SIGHUP)

    def fill() -> None:
        with suppress(OSError), filler.open("wb") as file:
            while os.path.ismount(filler.parent):
                file.write(bytes(1 << 20))

    hooks: tuple[Act, Act] = (
        partial(setattr, servers.hook, "manners", fault.kind),
        partial(setattr, servers.hook, "manners", None),
    )
    by_kind: dict[Kind, tuple[Act, Act]] = {
        Kind.KILL: (one.kill, partial(setattr, one, "killed", False)),
        Kind.STOP: (partial(one.signal, signal.SIGSTOP), partial(one.signal, signal.SIGCONT)),
        Kind.CLOCK: (partial(one.set_clock, fault.step), partial(one.set_clock, 0)),
        Kind.HOOK_HANGS: hooks,
        Kind.HOOK_DRIPS: hooks,
        Kind.HOOK_REFUSES: hooks,
        Kind.MAIL_HANGS: (
            partial(setattr, servers.mail, "hangs", True),
            partial(setattr, servers.mail, "hangs", False),
        ),
        Kind.POLICY: (partial(bad.write_text, "kind: Bugdet\n"), partial(bad.unlink, missing_ok=True)),
        Kind.RELOAD: (partial(reload, f"{good}sauces: {{}}\n"), partial(reload, good)),
        Kind.DATABASE: (servers.database.stop, servers.database.start),
        Kind.STORE: (servers.store.stop, servers.store.start),
        Kind.DISK: (fill, partial(filler.unlink, missing_ok=True)),
    }
    return by_kind[fault.kind]
