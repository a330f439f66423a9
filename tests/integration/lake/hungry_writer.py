"""Writes one bill into a lake with little memory, and says how much it took: ``python hungry_writer.py BILL LAKE``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from finops.collect.files import FocusFiles
from finops.focus.delivery import deliver
from finops.focus.dimensions import Dimensions
from finops.focus.schema import condition_columns
from finops.lake import DeltaLake, MemoryLimits
from finops.objectstore.location import Location
from finops.ports.lake import Run


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def main(bill: Path, folder: Path) -> None:
    lake = DeltaLake(
        Location.parse(str(folder), base=folder.parent),
        dimensions=Dimensions((), condition_columns()),
        timezone=ZoneInfo("UTC"),
        audit=timedelta(days=400),
        clock=Clock(),
        budget=MemoryLimits(256 * 1024**2),
    )
    offers = FocusFiles("bills", [str(bill)], base=bill.parent).discover({}).offers
    (replaced,) = lake.replace(deliver("bills", offers), Run("run", Clock().now())).replacements
    # of this program alone: getrusage would tell its parent's peak where that was higher
    (peak,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(replaced.rows, int(peak.split()[1]) // 1024)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
