#!/usr/bin/env bash
# The core is killed three times in the middle of one import, with several requests on their way:
# the import goes on by itself, ends well and accounts for every row; nothing is lost or there twice.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
rows=20000 kills=0
found bank "Banco Uno" bank
start bank
awk -v rows=$rows 'BEGIN { print "type,value"; for (i = 0; i < rows; i++) printf "domain,r%d.resume.example\n", i }' >"$work/feed.csv"
m bank import "$work/feed.csv" --tlp green --json >"$work/import.json" 2>"$work/import.err" &
import=$!
for _ in $(seq 400); do
	[ $kills = 3 ] && break
	kill -0 $import 2>/dev/null || break
	pid=$(field bank 's["processes"]["core"]' 2>/dev/null || true); held=$(count bank 'type = domain')
	# not before it has stored something since the last time
	if [ -n "$pid" ] && [ "${held:-0}" -gt "${before:-0}" ]; then kill -9 "$pid" 2>/dev/null && kills=$((kills + 1)); before=$held; fi
	sleep 0.02
done
wait $import || fail "the import ended with $?: $(cat "$work/import.err")"
[ $kills -ge 1 ] || fail "the import was over before the core could be killed"
python3 - "$work/import.json" $rows <<'PY' || fail "the import: $(cat "$work/import.json")"
import json, sys
said = json.load(open(sys.argv[1]))
sys.exit(said["stored"] + said["duplicates"] != int(sys.argv[2]) or said["refused"] != 0)
PY
[ "$(count bank 'type = domain')" = $rows ] || fail "the bank holds $(count bank 'type = domain') of $rows"
verify bank
echo "$kills kills in one import of $rows rows: none lost, none twice, the import told all of them"
