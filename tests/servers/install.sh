#!/usr/bin/env bash
# Fetches the servers that tests run against and that pip cannot bring: Prometheus, Alertmanager, Chromium, and Azurite
# on Node.js.
# What is there already is left alone. What cannot be had is named, with the way to get it; its tests then skip
# (or fail, with CI=true), so this script itself never fails.
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
    # one by one: what one mirror lacks must not cost the others
    for package in "${packages[@]}"; do
      apt install -y --no-install-recommends "$package" || echo "  apt-get could not install $package: see $log"
    done
  else
    echo "for all tests, install: ${packages[*]} (Debian, Ubuntu: sudo apt-get install ${packages[*]} npm)"
  fi
fi

if have node && ! have npm && have apt-get && [ "$(id -u)" = 0 ]; then # some builds of nodejs bring npm, Debian's own does not
  echo "installing npm for the tests (about a minute)"
  apt update
  apt install -y --no-install-recommends npm || echo "  apt-get could not install npm: see $log"
fi

if [ node_modules/.package-lock.json -ot package-lock.json ]; then # -ot: older, or not there
  if have npm; then
    echo "installing Azurite, locked by tests/servers/package-lock.json"
    npm ci --no-audit --no-fund --loglevel=error >>"$log" 2>&1 || echo "  npm could not install Azurite: see $log"
  else
    echo "for all tests, install Node.js 18 or newer with npm, then type make servers"
  fi
fi
exit 0
