#!/usr/bin/env bash
# Everything that can be known without running the product; all of it runs, then the sum is told.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=0
step() { echo "── $1"; shift; "$@" || { failed=1; echo "   ✗ failed: $*" >&2; }; }
step "format" $bin/ruff format --check -q .
step "ruff" $bin/ruff check -q .
step "mypy" $bin/mypy -p odr
step "imports" $bin/lint-imports
if command -v node >/dev/null && command -v npm >/dev/null && [ -f package-lock.json ]; then
  [ -x node_modules/.bin/tsc ] || npm ci --ignore-scripts --no-audit --no-fund --silent
  step "javascript types" node_modules/.bin/tsc -p static
else
  echo "── javascript types: left out, Node is not installed here (apt-get install nodejs npm)"
fi
step "house tests" $bin/python -m pytest -q -p no:cacheprovider tests/test_house.py
exit $failed
