#!/usr/bin/env bash
# Where the time of the two hot paths goes, as text: what A does to import and send, what B does to
# receive.  Two real nodes on this machine, MALLA_ROWS (1,000,000) rows of CSV, every process of both
# sampled by perf (package linux-perf) with the CPU clock.  MALLA_PROFILE_OUT: the folder to write
# import.txt and receive.txt into; else both go to the terminal.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/../scenario/lib.sh"
rows=${MALLA_ROWS:-1000000}
out=${MALLA_PROFILE_OUT:-}
rate=${MALLA_PROFILE_RATE:-397}
command -v perf >/dev/null || { echo "perf is not here: apt-get install linux-perf" >&2; exit 1; }

pids_of() { field "$1" '",".join(str(p) for p in s["processes"].values())'; }
record() { # record NAME PIDS: in the background until `unrecord`
	perf record -q -e cpu-clock -F "$rate" --call-graph dwarf,16384 \
		-o "$work/$1.perf" -p "$2" >/dev/null 2>"$work/$1.perf.log" & recorders+=($!)
}
unrecord() {
	local pid
	for pid in "${recorders[@]}"; do kill -INT "$pid" 2>/dev/null || true; done
	for pid in "${recorders[@]}"; do wait "$pid" 2>/dev/null || true; done
}
ticks_of() { # name and CPU ticks of each process of a node
	local name pid
	field "$1" '"\n".join("%s %d" % p for p in s["processes"].items())' | while read -r name pid; do
		echo "$name $(sed 's/.*) //' "/proc/$pid/stat" | cut -d' ' -f12,13)"
	done
}
spent() { # spent WHO: CPU since ticks_of was written to WHO.before, in microseconds a row
	ticks_of "$1" | paste -d' ' "$work/$1.before" - | awk -v rows="$rows" -v hz="$(getconf CLK_TCK)" '
		{ u = ($5 - $2) / hz; k = ($6 - $3) / hz
		printf "%-12s %6.2f s in user space, %6.2f s in the kernel, %6.2f us a row\n", $1, u, k, (u + k) * 1e6 / rows }'
}
lines() { awk -v least="$1" -v most="$2" '/^ +[0-9]/ && $1 + 0 >= least && n++ < most { sub(/ +$/, ""); print }'; }
report() { # report NAME WHAT SECONDS
	local flat=(perf report -i "$work/$1.perf" --stdio --no-children -g none)
	echo "$2"
	echo "$rows rows in $3 s of wall time; samples of the CPU clock, $rate a second.  Made by"
	echo "tests/bench/profile.sh."
	echo
	echo "== CPU of each process"
	cat "$work/$1.spent"
	echo
	echo "== by process and object"
	"${flat[@]}" --sort comm,dso 2>/dev/null | lines 0.4 30
	echo
	echo "== by function, without what it calls"
	"${flat[@]}" --sort comm,dso,symbol 2>/dev/null | lines 0.4 50
	echo
	echo "== our own functions of the core, with what they call (% of all processes)"
	perf report -i "$work/$1.perf" --stdio --no-inline --children -g none --comm mallad-core --sort symbol \
		--dsos mallad 2>/dev/null | lines 0.7 70
}

recorders=()
found bank "Banco Uno" bank; found telco "Telco Dos" telecom
start bank; start telco; befriend bank telco
m bank share indicator domain first.example --tlp green -q >/dev/null
wait_for telco 'type = domain' 1
awk -v rows="$rows" 'BEGIN { print "type,value,confidence,note"
	for (i = 0; i < rows; i++) printf "domain,host%d.evil%d.example,%d,documentation feed row %d\n", i, i % 977, i % 101, i }' >"$work/feed.csv"
for who in bank telco; do ticks_of $who >"$work/$who.before"; done
record import "$(pids_of bank)"; record receive "$(pids_of telco)"
sleep 1
begin=$(date +%s.%N)
m bank import "$work/feed.csv" --tlp green -q >/dev/null
imported=$(date +%s.%N)
for _ in $(seq 3000); do [ "$(field bank 's["peers"][0]["receipted"]')" = "$((rows + 1))" ] && break; sleep 0.1; done
receipted=$(date +%s.%N)
spent bank >"$work/import.spent"; spent telco >"$work/receive.spent"
unrecord
wall() { awk -v a="$begin" -v b="$1" 'BEGIN { printf "%.1f", b - a }'; }
report import "The sending side: import of CSV, sealing, storing, sending, receipts taken." "$(wall "$imported") (import), $(wall "$receipted") (receipted)" >"$work/import.txt"
report receive "The receiving side: frames, verification, decisions, storing, receipts." "$(wall "$receipted")" >"$work/receive.txt"
if [ -n "$out" ]; then
	mkdir -p "$out"; cp "$work/import.txt" "$work/receive.txt" "$out/"
else
	cat "$work/import.txt"; echo; cat "$work/receive.txt"
fi
