#!/bin/bash
# Runs every fuzz target of the repository, one after the other, and fails when
# one finds something. What it found lies in that package's testdata/fuzz: keep
# it, it is the test case of the fix.
#
#   scripts/fuzz.sh [TIME] [PACKAGE...]     default: 30s each, every package
set -euo pipefail
cd "$(dirname "$0")/.."

fuzztime=${1:-30s}
shift || true
if [ $# -gt 0 ]; then
	packages=("$@")
else
	mapfile -t packages < <(grep -rlE --include='*_test.go' --exclude-dir=node_modules '^func Fuzz[A-Z]' . | xargs -r -n1 dirname | sort -u)
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# one runs a target. Inputs that reach new code are made only a little shorter:
# by default Go spends up to a minute on each, which may be all the time there
# is. When the time is up Go at times calls a run that found nothing a failure;
# such a run is tried once more.
one() {
	local try
	for try in 1 2; do
		if go test -run '^$' -fuzz "^$2\$" -fuzztime "$fuzztime" -fuzzminimizetime 200x "$1" >"$log" 2>&1; then
			return 0
		fi
		grep -q 'context deadline exceeded' "$log" && ! grep -q 'Failing input written' "$log" || return 1
	done
	return 1
}

found=0 targets=0
for p in "${packages[@]}"; do
	for target in $(grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$p"/*_test.go | sed 's/^func //' | sort -u); do
		targets=$((targets + 1))
		if one "$p" "$target"; then
			printf 'ok    %-28s %-22s %s\n' "$p" "$target" "$(grep -oE 'execs: [0-9]+' "$log" | tail -1)"
		else
			found=$((found + 1))
			printf 'FOUND %-28s %s\n' "$p" "$target"
			tail -40 "$log" | sed 's/^/    /'
		fi
	done
done
echo "$targets targets, $fuzztime each; $found found something"
[ "$targets" -gt 0 ] && [ "$found" = 0 ]
