#!/usr/bin/env bash
# Runs the court store's tests against a real S3 server with Object Lock: SeaweedFS, built here once from its
# upstream source through the Go module proxy (Go 1.26 or newer), started and stopped by the tests on loopback.
set -euo pipefail
cd "$(dirname "$0")/.."
module=github.com/seaweedfs/seaweedfs
version=v0.0.0-20261109003541-7506e5f91cd6
sum="h1:LOYZFToHq9F7pSR6lkPGfkM8RmHlVFrzndKdhmNZjrU="
weed="$PWD/.cache/seaweedfs/weed-${version##*-}"

build() {
  local go=${GO:-$(command -v go || echo /usr/local/go/bin/go)}
  [ -x "$go" ] || { echo "Go is missing. Install Go 1.26 or newer (https://go.dev/dl) and run this again." >&2; exit 1; }
  local told folder
  told=$(cd / && GOFLAGS=-mod=mod "$go" mod download -json "$module@$version")
  grep -qF "\"Sum\": \"$sum\"" <<<"$told" || { echo "The source of SeaweedFS does not have the pinned hash." >&2; exit 1; }
  folder=$(mktemp -d)
  # Its go.mod replaces a dependency, which `go install module@version` refuses: it is built in its own folder.
  cp -r "$(sed -n 's/.*"Dir": "\(.*\)".*/\1/p' <<<"$told")/." "$folder"
  chmod -R u+w "$folder"
  mkdir -p "$(dirname "$weed")"
  (cd "$folder" && CGO_ENABLED=0 GOFLAGS=-mod=readonly nice -n 10 "$go" build -trimpath -ldflags="-s -w" -o "$weed.part" ./weed)
  mv "$weed.part" "$weed"
  rm -rf "$folder"
}

if [ ! -x "$weed" ]; then
  echo "Building SeaweedFS (once, some minutes) …"
  build
fi
[ "${1:-}" = --build ] && exit 0
bash tools/setup_tests.sh
ODR_TEST_WEED="$weed" .venv/bin/python -m pytest -q -p no:cacheprovider -m s3 tests/archive "$@"
