#!/usr/bin/env bash
# 100,000 CSV indicators (MALLA_ROWS) imported at one node and delivered to another on this
# machine: rates, records per seal, and the resident memory of all processes of each node,
# sampled throughout.  Fails if a node exceeds 200 MB or seals hold fewer than 400 records.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/../scenario/lib.sh"
rows=${MALLA_ROWS:-100000}
found bank "Banco Uno" bank; found telco "Telco Dos" telecom
start bank; start telco; befriend bank telco
awk -v rows="$rows" 'BEGIN { print "type,value,confidence,note"
	for (i = 0; i < rows; i++) printf "domain,host%d.evil%d.example,%d,documentation feed row %d\n", i, i % 977, i % 101, i }' >"$work/feed.csv"

rss_of() { # kB of all processes of a node
	local sum=0 kb pid
	for pid in $(field "$1" '" ".join(str(p) for p in s["processes"].values())'); do
		kb=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status" 2>/dev/null || true); sum=$((sum + ${kb:-0}))
	done
	echo $sum
}
sample() { # until the file `done` is there
	while [ ! -e "$work/done" ]; do
		for who in bank telco; do rss_of $who >>"$work/$who.rss" 2>/dev/null || true; done
		sleep 0.3
	done
}
sample & sampler=$!
begin=$(date +%s.%N)
m bank import "$work/feed.csv" --tlp green -q >/dev/null
imported=$(date +%s.%N)
wait_for telco 'type = domain' "$rows" 300
arrived=$(date +%s.%N)
for _ in $(seq 300); do [ "$(field bank 's["peers"][0]["receipted"]')" = "$rows" ] && break; sleep 0.05; done
receipted=$(date +%s.%N)
touch "$work/done"; wait $sampler
seal=$(field bank 's["records_per_seal"]')
for who in bank telco; do sort -n "$work/$who.rss" | tail -n 1 >"$work/$who.most"; done
stop bank; stop telco
disk=$(du -k "$work/bank/store.db" | cut -f1)
python3 - "$rows" "$begin" "$imported" "$arrived" "$receipted" "$seal" "$(cat "$work/bank.most")" "$(cat "$work/telco.most")" "$disk" <<'PY'
import sys
rows, begin, imported, arrived, receipted = int(sys.argv[1]), *map(float, sys.argv[2:6])
seal, bank, telco, disk = map(int, sys.argv[6:10])
print(f"| {rows:,} | {rows / (imported - begin):,.0f} | {rows / (receipted - begin):,.0f} | {seal} | {bank / 1024:.0f} | {telco / 1024:.0f} | {disk / 1024:.0f} |")
assert seal >= 400, "fewer than 400 records per seal"
assert bank < 200 * 1024 and telco < 200 * 1024, "a node took more than 200 MB"
PY
