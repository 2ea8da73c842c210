#!/usr/bin/env bash
# Runs the tests on a throw-away PostgreSQL cluster on loopback; installs Debian's server when root.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/setup_tests.sh
bindir=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
if [ -z "$bindir" ]; then
  [ "$(id -u)" = 0 ] || { echo "PostgreSQL is missing. As root: apt-get install postgresql; then run this again." >&2; exit 1; }
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null
  bindir=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
fi
folder=$(mktemp -d)
port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
[ "$(id -u)" = 0 ] && chown postgres "$folder"
trap 'as "$bindir/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT
as "$bindir/initdb" -D "$folder/data" -U odr -A trust -E UTF8 >/dev/null
as "$bindir/pg_ctl" -D "$folder/data" -w -l "$folder/log" -o "-p $port -k $folder -h 127.0.0.1" start >/dev/null
as "$bindir/createdb" -h 127.0.0.1 -p "$port" -U odr odr
ODR_TEST_DATABASE_URL="postgresql+psycopg://odr@127.0.0.1:$port/odr" \
  .venv/bin/python -m pytest -q -p no:cacheprovider -m "not journey and not s3" "$@"
