"""What somebody types after ``finops init``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from finops.app.setup.answers import Answers
from finops.app.setup.files import foreign_currencies, lacks_rates
from finops.app.setup.source_catalogue import OFFERED

_RATES = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"


def steps_after(answers: Answers, *, works: bool, config: Path, now: datetime) -> Iterator[tuple[str, str]]:
    """Commands in their order, each with its reason."""
    finops = "finops" if config == Path("finops.yaml") else f"finops -c {config}"
    if not works:
        needs = "; ".join(f"{source.name} needs {OFFERED[source.kind].needs}" for source in answers.sources)
        yield f"{finops} sources check", f"until all is ok: {needs}"
        if any("iam/" in OFFERED[s.kind].needs or "azure-roles/" in OFFERED[s.kind].needs for s in answers.sources):
            yield "finops assets ./assets", "write files with the least permissions, and Terraform for the exports"
    if lacks_rates(answers):
        foreign = ", ".join(foreign_currencies(answers))
        why = f"required because some bills are in {foreign}: download {_RATES}, unpack it and uncomment the line"
        yield "rates: in finops.yaml", why
    yield f"{finops} collect", "collect the bills; the first run may take minutes"
    as_of = answers.survey.as_of(now) if answers.survey else None
    if as_of is None:
        yield f"{finops} evaluate", "show the verdict of your first budget"
    else:
        why = f"show the verdict of your first budget on the newest bill, which ends {as_of:%Y-%m-%d}"
        yield f"{finops} evaluate --as-of {as_of:%Y-%m-%dT%H:%M:00Z}", why
    if answers.mail is not None:
        yield f"{finops} notify test mail", "send a test mail"
    yield f"{finops} run", "start the service: pages, metrics and alerts on http://127.0.0.1:9700"
