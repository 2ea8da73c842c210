#!/usr/bin/env bash
# Makes .venv from the lock on a bare Debian with Python 3.11 or newer.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${1:-python3}"
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "Python 3.11 or newer is needed; found: $("$python" --version 2>&1). Set PYTHON=/path/to/python3." >&2
  exit 1
fi
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
  if [ "$(id -u)" != 0 ]; then
    echo "Python's venv module is missing. As root: apt-get install python3-venv; then run this again." >&2
    exit 1
  fi
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
fi
[ -x .venv/bin/python ] || "$python" -m venv .venv
echo "Installing the packages of requirements.lock into .venv …"
.venv/bin/python -m pip install -q --require-hashes -r requirements.lock
.venv/bin/python -m pip install -q --no-deps --no-build-isolation -e .
.venv/bin/python -m odr.mediation.media.native.build || true  # Python forwards where there is no C compiler
