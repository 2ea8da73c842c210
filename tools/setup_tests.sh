#!/usr/bin/env bash
# What the tests need beside Python: a browser, Chinese fonts, and independent checkers.
set -euo pipefail
declare -A needed=([chromium]=chromium [ffprobe]=ffmpeg [pdfsig]=poppler-utils [qpdf]=qpdf [openssl]=openssl [softhsm2-util]=softhsm2
  [pkcs11-tool]=opensc)
missing=()
for tool in "${!needed[@]}"; do
  command -v "$tool" >/dev/null || missing+=("${needed[$tool]}")
done
dpkg -s fonts-noto-cjk >/dev/null 2>&1 || missing+=(fonts-noto-cjk)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" != 0 ]; then
  echo "The tests need: ${missing[*]}. As root: apt-get install ${missing[*]}; then run this again." >&2
  exit 1
fi
echo "Installing ${missing[*]} …"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
