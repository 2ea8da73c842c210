#!/usr/bin/env bash
# What the measurements compare with: Janus from Debian, where it may be installed; without it that row is left out.
set -euo pipefail
if command -v janus >/dev/null; then
  exit 0
fi
if [ "$(id -u)" != 0 ]; then
  echo "Janus is not here; the comparison with it is left out. As root: apt-get install janus." >&2
  exit 0
fi
apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq janus >/dev/null ||
  echo "Janus could not be installed; the comparison with it is left out." >&2
