#!/usr/bin/env bash
# requirements/install.sh runtime|dev|release
# Creates .venv with a suitable Python, and installs the locked packages and this tree (editable) into it; the tools of a
# release go into .cache/release, with the uv of .venv.
set -euo pipefail
cd "$(dirname "$0")/.."

lock="requirements/$1.txt"
log=.venv/install.log
names=(python3.13 python3.12 python3.11 python3 python)

# A program on PATH may be a broken shim, too old, or lack venv (a separate Debian package): try it.
fits() {
  "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Search all of PATH, since a shim may shadow an interpreter of the same name.
base_python() {
  local candidate
  while read -r candidate; do
    if fits "$candidate"; then
      echo "$candidate"
      return
    fi
  done < <(if [ -n "${PYTHON:-}" ]; then echo "$PYTHON"; else type -aP "${names[@]}"; fi)
  echo "finops needs Python 3.11 or newer with venv and ensurepip; not found: ${PYTHON:-${names[*]} on PATH}." >&2
  echo "Install it (Debian, Ubuntu: apt-get install python3 python3-venv) or choose another: make PYTHON=/path/to/python3.12" >&2
  return 1
}

announce() {
  echo "installing $(grep -c '^[a-z0-9]' "$lock") locked packages from $lock"
}

# Runs an installer whose output goes to the log.
logged() {
  if ! "$@" >>"$log" 2>&1; then
    tail -n 15 "$log" >&2
    echo "the installation failed; its output is in $log" >&2
    return 1
  fi
}

# uv reads nothing of pip's configuration: the mirrors and certificates that pip is set to serve uv as well. Like pip, uv
# then looks in every index for the locked version, not only in the first that knows the package; since every file must have
# its locked hash, no index can put another in its place.
adopt_pip_settings() {
  local name value
  export UV_INDEX_STRATEGY="${UV_INDEX_STRATEGY:-unsafe-best-match}"
  while IFS='=' read -r name value; do
    value=${value#\'} value=${value%\'}
    case "${name##*.}" in
      index-url) export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$value}" ;;
      extra-index-url) export UV_INDEX="${UV_INDEX:-$value}" ;;
      find-links) export UV_FIND_LINKS="${UV_FIND_LINKS:-${value// /,}}" ;;
      cert) export SSL_CERT_FILE="${SSL_CERT_FILE:-$value}" ;;
    esac
  done < <(.venv/bin/python -m pip config list 2>/dev/null)
}

if [ "$1" = release ]; then
  adopt_pip_settings
  .venv/bin/uv venv --quiet --clear .cache/release
  announce
  exec .venv/bin/uv pip sync --quiet --require-hashes --python .cache/release/bin/python "$lock"
fi
if ! fits .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  python=$(base_python)
  echo "creating .venv with $("$python" --version) ($python)"
  "$python" -m venv --clear .venv
fi
: >"$log"
announce
adopt_pip_settings
# pip brings uv, which is several times as fast as pip at everything else
logged .venv/bin/python -m pip --disable-pip-version-check install --no-input --no-deps --require-hashes -r requirements/build.txt
logged .venv/bin/uv pip install --python .venv/bin/python --no-deps --require-hashes --compile-bytecode -r "$lock"
logged .venv/bin/uv pip install --python .venv/bin/python --no-deps --no-build-isolation --editable .
echo "installed in $SECONDS s"
