#!/bin/bash
# Lets calls come and go with hang-ups at any moment, malformed packets and
# browsers that die, then checks that nothing is left: no call, goroutine, port
# or memory, and that every call has one record. Exit 1 otherwise.
#
#   SOAK=2m scripts/soak-voice.sh [OPTION...]   how long, default 1h; options of voicebench soak
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/parley" ./cmd/parley
go build -o "$work/voicebench" ./voice/voicebench
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true

"$work/voicebench" soak -bin "$work/parley" -for "${SOAK:-1h}" "$@"
