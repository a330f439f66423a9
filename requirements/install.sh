#!/usr/bin/env bash
# requirements/install.sh runtime|dev
# Creates .venv with a suitable Python, and installs the locked packages and this tree (editable) into it.
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

# pip's output goes to the log; the terminal shows progress.
install() {
  local of=$1
  shift
  if ! .venv/bin/python -m pip --disable-pip-version-check install --no-input --no-deps "$@" 2>&1 \
    | tee -a "$log" \
    | awk -v of="$of" '
      /^(Collecting|Requirement already)/ && ++n % 25 == 0 { print "  " n " of " of; fflush() }
      /^Installing collected packages/ && n >= 25 { print "  downloaded, unpacking"; fflush() }'; then
    tail -n 15 "$log" >&2
    echo "pip failed; its output is in $log" >&2
    return 1
  fi
}

if ! fits .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  python=$(base_python)
  echo "creating .venv with $("$python" --version) ($python)"
  "$python" -m venv --clear .venv
fi
: >"$log"
count=$(grep -c '^[a-z0-9]' "$lock")
echo "installing $count locked packages from $lock (about a minute)"
install "$count" --require-hashes -r "$lock"
if [ "$1" != dev ]; then # the dev lock includes them
  install 0 --require-hashes -r requirements/build.txt
fi
install 0 --no-build-isolation --editable .
echo "installed in $SECONDS s"
