#!/bin/bash
# Measures calls and prints one table: how many are held at once, how fast they
# begin, how soon a key, a word or a tap is obeyed, browsers, and rtpengine
# beside us. It takes about six minutes and wants a quiet machine.
#
#   scripts/bench-voice.sh [OPTION...]      those of voicebench run (-help)
#   OUT=file scripts/bench-voice.sh         where the table goes; default bench-voice.md
#   TMPDIR=/mnt/x scripts/bench-voice.sh    the databases lie on that disk
#
# Real-time priority needs root or CAP_SYS_NICE; without it the table says so.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/parley" ./cmd/parley
go build -o "$work/voicebench" ./voice/voicebench

# Each call has two sockets.
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true
command -v rtpengine >/dev/null || echo "bench-voice: NO RTPENGINE, ITS ROWS ARE LEFT OUT (apt-get install rtpengine-daemon)" >&2
command -v espeak-ng >/dev/null || { echo "bench-voice: needs espeak-ng: without it calls are silent" >&2; exit 1; }

"$work/voicebench" run -bin "$work/parley" -out "${OUT:-bench-voice.md}" "$@"
