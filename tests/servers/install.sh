#!/usr/bin/env bash
# Installs the servers for tests that pip cannot install: Prometheus, Alertmanager, Chromium, and Azurite on Node.js.
# Existing installations are kept. Whatever cannot be installed is reported, with instructions; its tests then skip (or fail,
# with CI=true), so this script itself never fails.
set -uo pipefail
cd "$(dirname "$0")" || exit

have() { command -v "$1" >/dev/null 2>&1; }
log=$(cd ../.. && pwd)/.cache/servers.log
mkdir -p "$(dirname "$log")"

packages=()
have prometheus && have promtool || packages+=(prometheus)
have prometheus-alertmanager || packages+=(prometheus-alertmanager)
have chromium || packages+=(chromium)
have node || packages+=(nodejs)

apt() { DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >>"$log" 2>&1; }

if ((${#packages[@]})); then
  if have apt-get && [ "$(id -u)" = 0 ]; then
    echo "installing ${packages[*]} for the tests (about two minutes)"
    apt update
    # one by one: a package missing from a mirror must not affect the others
    for package in "${packages[@]}"; do
      apt install -y --no-install-recommends "$package" || echo "  apt-get could not install $package: see $log"
    done
  else
    echo "to run all tests, install: ${packages[*]} (Debian, Ubuntu: sudo apt-get install ${packages[*]} npm)"
  fi
fi

if have node && ! have npm && have apt-get && [ "$(id -u)" = 0 ]; then # some builds of nodejs include npm, Debian's does not
  echo "installing npm for the tests (about a minute)"
  apt update
  apt install -y --no-install-recommends npm || echo "  apt-get could not install npm: see $log"
fi

if [ node_modules/.package-lock.json -ot package-lock.json ]; then # -ot: older, or missing
  if have npm; then
    echo "installing Azurite, locked by tests/servers/package-lock.json"
    npm ci --no-audit --no-fund --loglevel=error >>"$log" 2>&1 || echo "  npm could not install Azurite: see $log"
  else
    echo "to run all tests, install Node.js 18 or newer with npm, then run make servers"
  fi
fi
exit 0
