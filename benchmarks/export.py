"""An AWS export in 50 parts from a local S3 server into the lake, beside a bare download and copy of the same files.

    python -m benchmarks.export --rows 200000

The server is moto in a process of its own. ``bare`` downloads each file with boto3 and copies its rows with Polars,
with nothing in between; ``finops`` discovers, conforms, commits and rolls up. Each way is a process; seconds are
those of the work, without starting Python; peak memory is the process's largest resident set.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parent.parent
PARTS = 50
BUCKET, MONTH = "benchmark", date(2026, 9, 1)
SIGNED_IN = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "us-east-1"}


def bare(endpoint: str, out: Path) -> int:
    """Rows copied; the lake's compression, a file a part."""
    import polars as pl  # noqa: PLC0415 - the parent stays small

    client, rows = _client(endpoint), 0
    for number, item in enumerate(client.list_objects_v2(Bucket=BUCKET, Prefix="export/data/")["Contents"]):
        part = out / f"{number}.parquet"
        client.download_file(BUCKET, item["Key"], str(part))
        pl.scan_parquet(part).sink_parquet(out / f"copy-{number}.parquet", compression="zstd", engine="streaming")
        rows += pl.scan_parquet(out / f"copy-{number}.parquet").select(pl.len()).collect().item()
    return rows


def finops(endpoint: str, out: Path) -> int:
    """Rows that the lake took, through the doors that the service uses."""
    from benchmarks.ingest import _Clock, _lake  # noqa: PLC0415
    from finops.app.collection.source import collect  # noqa: PLC0415
    from finops.collect.aws import DataExport, DataExportOptions  # noqa: PLC0415

    options = DataExportOptions(bucket=BUCKET, export="export", endpoint=endpoint)
    run = collect(DataExport.from_options("aws", options, base=out), _lake(out / "lake"), _Clock()).run
    if run.error:
        raise SystemExit(run.error)
    return run.rows


WAYS = {"bare": bare, "finops": finops}


def _client(endpoint: str):
    import boto3  # noqa: PLC0415

    return boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")


def _upload(endpoint: str, folder: Path) -> None:
    client, files = _client(endpoint), []
    client.create_bucket(Bucket=BUCKET)
    for path in sorted(folder.iterdir()):
        key = f"export/data/BILLING_PERIOD={MONTH:%Y-%m}/{path.name}"
        client.upload_file(str(path), BUCKET, key)
        files.append(f"s3://{BUCKET}/{key}")
    manifest = f"export/metadata/BILLING_PERIOD={MONTH:%Y-%m}/export-Manifest.json"
    client.put_object(Bucket=BUCKET, Key=manifest, Body=json.dumps({"dataFiles": files}).encode())


def _serve():
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    for line in server.stderr:
        if "Running on http" in line:
            threading.Thread(target=server.stderr.read, daemon=True).start()  # its access log, or the pipe fills up
            return server, line.split("Running on ")[1].split()[0]
    raise SystemExit("the S3 server did not start")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--endpoint", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        with tempfile.TemporaryDirectory() as out:
            started = time.perf_counter()
            rows = WAYS[given.way](given.endpoint, Path(out))
            seconds = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"rows": rows, "seconds": seconds, "peak_mib": peak}))
        return
    os.environ.update(SIGNED_IN)
    layout = f"parquet-{PARTS}"
    rows_command = [sys.executable, "-m", "benchmarks.rows", "--rows", str(given.rows), "--layout", layout]
    subprocess.run(rows_command, check=True, cwd=ROOT, stdout=sys.stderr)
    server, endpoint = _serve()
    try:
        _upload(endpoint, ROOT / "benchmarks" / "data" / f"{given.rows}-{layout}")
        print(f"| {given.rows:,} rows in {PARTS} parts | s | rows/s | peak MiB |\n|---|---|---|---|")
        for way in WAYS:
            command = [sys.executable, "-m", "benchmarks.export", "--way", way, "--endpoint", endpoint]
            found = json.loads(subprocess.check_output(command, cwd=ROOT, text=True).splitlines()[-1])
            if found["rows"] != given.rows:
                raise SystemExit(f"{way} brought {found['rows']} rows")
            rate = given.rows / found["seconds"]
            print(f"| {way} | {found['seconds']:.1f} | {rate:,.0f} | {found['peak_mib']:,.0f} |", flush=True)
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
