#!/usr/bin/env bash
# Several files in one import: what the node refuses of one keeps it from the next, unless --keep-going;
# everything in front of it is stored, and every row is accounted for.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
found bank "Banco Uno" bank
start bank
feed() { # feed NAME ROWS STALE: one domain a row; the third one has expired where STALE is 1
	awk -v name="$1" -v rows="$2" -v stale="$3" 'BEGIN { print "type,value,valid_until"
		for (i = 1; i <= rows; i++) printf "domain,%s%d.import.example,%s\n", name, i, i == 3 && stale ? "2020-01-01" : "2030-01-01" }' >"$work/$1.csv"
}
said() { /usr/bin/python3 -c "import json,sys; s=json.load(open(sys.argv[1])); print(*($1))" "$work/said.json"; }
feed one 700 0; feed two 10 1; feed three 10 0
code=0; m bank import "$work/one.csv" "$work/two.csv" "$work/three.csv" --tlp green --json >"$work/said.json" 2>/dev/null || code=$?
[ $code != 0 ] || fail "an import with a refused row ended well"
[ "$(said 's["stored"], s["refused"]')" = "709 1" ] || fail "stored and refused: $(cat "$work/said.json")"
[ "$(count bank 'type = domain')" = 709 ] || fail "the file behind the refused row was imported"
code=0; m bank import "$work/one.csv" "$work/two.csv" "$work/three.csv" --tlp green --keep-going --json >"$work/said.json" 2>/dev/null || code=$?
[ "$(said 's["stored"], s["duplicates"], s["refused"]')" = "10 709 1" ] || fail "with --keep-going: $(cat "$work/said.json")"
[ "$(count bank 'type = domain')" = 719 ] || fail "the bank holds $(count bank 'type = domain') of 719"
verify bank
echo "three files, one refused row: 709 in front of it, 10 behind it with --keep-going"
