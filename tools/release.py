"""``make release``: checked distributions, their SBOM and checksums in ``dist/``."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import finops

ROOT = Path(__file__).parent.parent
DIST = ROOT / "dist"
BIN = ROOT / ".venv" / "bin"
TOOLS = ROOT / ".cache" / "release" / "bin"
RUNTIME = ROOT / "requirements" / "runtime.txt"
SBOM = f"finops-verdict-{finops.__version__}.cdx.json"


def undated(changelog: str, version: str) -> str:
    """Why ``version`` cannot be released yet; empty when it can."""
    heading = next((line for line in changelog.splitlines() if line.startswith("## ")), "")
    if re.fullmatch(rf"## {re.escape(version)} – \d{{4}}-\d{{2}}-\d{{2}}", heading):
        return ""
    return f"CHANGELOG.md starts with '{heading}'. Give version {version} its date, like '## {version} – 2027-01-15'"


def run(*command: str | Path, cwd: Path = ROOT) -> None:
    print("+", *command, flush=True)  # noqa: T201 - a program's output
    subprocess.run(command, cwd=cwd, check=True)  # noqa: S603 - our own tools


def write_sbom(folder: Path) -> Path:
    """CycloneDX, of the locked packages; the same locks give the same bytes."""
    path = folder / SBOM
    run(
        *(TOOLS / "cyclonedx-py", "requirements", RUNTIME, "--pyproject", "pyproject.toml", "--mc-type", "application"),
        *("--output-reproducible", "--output-format", "JSON", "--output-file", path),
    )
    return path


def try_wheel(wheel: Path) -> None:
    """Installs it with the locked packages into an empty environment, and evaluates a demo from there."""
    with tempfile.TemporaryDirectory(prefix="finops-release-") as temporary:
        folder = Path(temporary)
        python = folder / "env" / "bin" / "python"
        run(BIN / "uv", "venv", "--quiet", folder / "env")
        for what in (("--require-hashes", "--requirement", RUNTIME), (wheel,)):
            run(BIN / "uv", "pip", "install", "--quiet", "--no-deps", "--python", python, *what)
        finops_program = folder / "env" / "bin" / "finops"
        run(finops_program, "demo", "--days", "40", "--no-serve", "--out", "demo", cwd=folder)
        run(finops_program, "-c", "demo/finops.yaml", "policies", "check", "demo/policies", cwd=folder)


def main() -> None:
    if sys.argv[1:] == ["sbom"]:
        DIST.mkdir(exist_ok=True)
        write_sbom(DIST)
        return
    if why := undated((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), finops.__version__):
        sys.exit(why)
    shutil.rmtree(DIST, ignore_errors=True)
    run(sys.executable, "-m", "hatchling", "build", "--directory", DIST)
    distributions = sorted(DIST.iterdir())
    run(TOOLS / "twine", "check", "--strict", *distributions)
    try_wheel(next(path for path in distributions if path.suffix == ".whl"))
    files = [*distributions, write_sbom(DIST)]
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    (DIST / "SHA256SUMS").write_text(sums, encoding="utf-8")
    print(sums, end="")  # noqa: T201 - a program's output


if __name__ == "__main__":
    main()
