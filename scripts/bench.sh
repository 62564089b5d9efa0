#!/bin/bash
# Runs the benchmarks that stand beside the code and prints one table: what was
# measured and what came out. The same table goes to bench.txt.
#
#   scripts/bench.sh [PACKAGE...]     default: every package with a benchmark
#   BENCHTIME=5s scripts/bench.sh     how long each is measured; default 2s
#   TMPDIR=/mnt/x scripts/bench.sh    the databases lie on that disk
#   PARLEY_BENCH_LARGE= scripts/bench.sh  without the search of a million passages,
#                                     which takes 10 GB and some ten minutes
#
# A benchmark that this script knows no words for is shown by its name. The
# numbers of one run belong together: a rate of messages says something beside
# the bare insert rate of the same machine and the same minute.
set -euo pipefail
cd "$(dirname "$0")/.."

benchtime=${BENCHTIME:-2s}
export PARLEY_BENCH_LARGE=${PARLEY_BENCH_LARGE-1}
out=bench.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What a benchmark says: its name (a pattern; the first that fits), two
# spaces, its words. The table keeps this order; what is not here comes last.
cat >"$work/words" <<'WORDS'
^routing/Accept/sqlite-full/accept  messages accepted, 64 customers, SQLite (safe against a power cut)
^routing/Accept/sqlite-full/bare  bare inserts in the same run
^routing/Accept/sqlite-off/accept  messages accepted, 64 customers, SQLite not waiting for the disk
^routing/Accept/sqlite-off/bare  bare inserts in the same run
^routing/Accept/postgres/accept  messages accepted, 64 customers, PostgreSQL
^routing/Accept/postgres/bare  bare inserts in the same run
^routing/Turn/sqlite  messages taken in and answered, 64 customers, SQLite (safe against a power cut)
^routing/Turn/postgres  messages taken in and answered, 64 customers, PostgreSQL
^bot/Bot_Turn  a turn of the bot without I/O, understanding for free
^nlu/Understand  intent and values of one utterance
^nlu/Classify  the intent of one utterance
^nlu/Train_150Intents  training the understanding of 150 intents
^nlu/Train  training the understanding of a small playbook
^assist/Suggest/sqlite  suggestions: 10,000 articles, 100,000 past replies, SQLite
^assist/Suggest/postgres  suggestions: 10,000 articles, 100,000 past replies, PostgreSQL
^kb/Scale/sqlite/10000$  search of 10,000 passages, made-up vectors, SQLite
^kb/Scale/postgres/10000$  search of 10,000 passages, made-up vectors, pgvector
^kb/Scale/sqlite/100000$  search of 100,000 passages, made-up vectors, SQLite
^kb/Scale/postgres/100000$  search of 100,000 passages, made-up vectors, pgvector
^kb/Scale/sqlite/1000000$  search of 1,000,000 passages, made-up vectors, SQLite
^kb/Scale/postgres/1000000$  search of 1,000,000 passages, made-up vectors, pgvector
^kb/Search  search of so many articles by words alone, half Chinese
^httpapi/Widgets  5,000 connected widgets: an event to one, to all
^jobs/Start/sqlite  from enqueuing a job to its start, SQLite
^jobs/Start/postgres  from enqueuing a job to its start, PostgreSQL
^jobs/Queue/sqlite  jobs that do nothing, SQLite
^jobs/Queue/postgres  jobs that do nothing, PostgreSQL
^routing/Inbox/[a-z]*/search  inbox of 100,000 conversations: a search
^routing/Inbox/  inbox of 100,000 conversations: a page
^events/Request  a request to another part over the embedded bus
^store/InsertDurable  a job enqueued, 64 writers, SQLite (safe against a power cut)
^store/Insert/sqlite  a job enqueued, 64 writers, SQLite not waiting for the disk
^store/Insert/postgres  a job enqueued, 64 writers, PostgreSQL
WORDS

if [ $# -gt 0 ]; then
	packages=("$@")
else
	mapfile -t packages < <(grep -rlE --include='*_test.go' --exclude-dir=node_modules '^func Benchmark[A-Z]' . | xargs -r -n1 dirname | sort -u)
fi

# The databases of PostgreSQL's benchmarks need it on this machine.
bash scripts/pgvector.sh >/dev/null || echo "bench: without PostgreSQL" >&2

failed=()
for p in "${packages[@]}"; do
	echo "bench: $p" >&2
	log="$work/$(echo "$p" | tr -c 'a-z0-9\n' _).log"
	if ! go test -run '^$' -bench . -benchtime "$benchtime" -timeout 60m "$p" >"$log" 2>&1; then
		failed+=("$p")
		sed 's/^/    /' "$log" | tail -20 >&2
	fi
done

# One line per benchmark: its own metrics, or the time of one round when it has
# none.
table() {
	awk -F'\t' -v words="$work/words" '
		BEGIN {
			while ((getline line < words) > 0) { at = index(line, "  "); n++; pat[n] = substr(line, 1, at - 1); say[n] = substr(line, at + 2) }
			printf "0\t%-41s  %-67s  %s\n", "benchmark", "what it says", "value"
		}
		function time(ns) {
			if (ns >= 1e9) return sprintf("%.2f s", ns / 1e9)
			if (ns >= 1e6) return sprintf("%.2f ms", ns / 1e6)
			if (ns >= 1e3) return sprintf("%.1f µs", ns / 1e3)
			return sprintf("%.0f ns", ns)
		}
		function number(v,   s, out) {
			if (v < 100) return v + 0
			s = sprintf("%.0f", v); out = ""
			while (length(s) > 3) { out = "," substr(s, length(s) - 2) out; s = substr(s, 1, length(s) - 3) }
			return s out
		}
		/^pkg: / { pkg = $0; sub(/^pkg: /, "", pkg); sub(/.*\//, "", pkg) }
		/^Benchmark/ && NF >= 3 {
			name = $1; gsub(/[ ]+$/, "", name); sub(/^Benchmark/, "", name); sub(/-[0-9]+$/, "", name)
			key = pkg "/" name
			own = ""; round = ""
			for (i = 3; i <= NF; i++) {
				split($i, f, " "); v = f[1]; u = f[2]
				if (u == "ns/op") round = time(v)
				else if (u == "B/op" || u == "allocs/op" || u == "MB/s") continue
				else if (u ~ /\/s$/) own = number(v) " " u (own == "" ? "" : ", " own) # the rate comes first
				else {
					text = number(v) " " u
					if (u ~ /-(ns|µs|us|ms|s|KB|MB)$/) { q = u; sub(/-[A-Za-zµ]+$/, "", q); sub(/.*-/, "", u); text = q " " v + 0 " " (u == "us" ? "µs" : u) }
					else if (u ~ /^MB-/) { sub(/^MB-/, "", u); text = u " " v + 0 " MB" }
					own = own (own == "" ? "" : ", ") text
				}
			}
			what = ""
			for (i = 1; i <= n; i++) if (key ~ pat[i]) { what = say[i]; break }
			printf "%d\t%-41s  %-67s  %s\n", i, key, what, (own == "" ? round : own)
		}' "$work"/*.log | sort -t "$(printf "\t")" -k1,1n -k2,2 | cut -f2-
}

{
	echo "Parley $(git describe --always --dirty 2>/dev/null || echo dev), $(date -u '+%Y-%m-%d %H:%M UTC')"
	cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -1 || true)
	echo "$(go env GOVERSION) $(go env GOOS)/$(go env GOARCH), $(getconf _NPROCESSORS_ONLN) cores${cpu:+, $cpu}, $benchtime each"
	echo
	table
	for p in ${failed[@]+"${failed[@]}"}; do echo "FAILED: $p"; done
} | tee "$out"

[ ${#failed[@]} = 0 ]
