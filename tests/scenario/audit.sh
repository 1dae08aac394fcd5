#!/usr/bin/env bash
# audit verify names the first leaf that lies, whatever was edited behind the node's back.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
found bank "Banco Uno" bank; found telco "Telco Dos" telecom
start bank; start telco; befriend bank telco
for i in 1 2 3 4 5 6; do m bank share indicator domain "host$i.example" --tlp green -q >/dev/null; done
wait_for telco 'kind = indicator' 6
for who in bank telco; do verify $who; stop $who; done
cp -r "$work/telco" "$work/telco.good"

# edit WORDS SQL EXPECTED-LEAF: stop, edit, start, verify must fail and name a leaf up to EXPECTED
edit() {
	rm -rf "$work/telco"; cp -r "$work/telco.good" "$work/telco"
	sqlite3 "$work/telco/store.db" "$2" || fail "the edit itself: $1"
	"$bin/mallad" --home "$work/telco" >>"$work/telco.log" 2>&1 &
	pids[telco]=$!
	for _ in $(seq 60); do m telco status >/dev/null 2>&1 && break; kill -0 "${pids[telco]}" 2>/dev/null || break; sleep 0.05; done
	if ! m telco status >/dev/null 2>&1; then
		wait "${pids[telco]}" && fail "$1: ended without an error"; unset "pids[telco]"
		echo "$1: found at the start"; return
	fi
	local code=0 said
	said=$(m telco audit verify --json 2>&1) || code=$?
	[ $code = 1 ] || fail "$1: not found (exit code $code): $said"
	local leaf; leaf=$(printf '%s' "$said" | sed -n 's/.*"first_lie": \([0-9]*\).*/\1/p')
	[ -n "$leaf" ] && [ "$leaf" -le "$3" ] && [ "$leaf" -ge "$4" ] || fail "$1: names leaf '$leaf', expected $4..$3: $said"
	echo "$1: leaf $leaf lies"
	stop telco
}
leaves=$(sqlite3 "$work/telco.good/store.db" 'select count(*) from event')
[ "$leaves" -gt 10 ] || fail "only $leaves leaves"
edit "a leaf's time" "update event set leaf = cast(substr(leaf,1,12)||x'ff'||substr(leaf,14) as blob) where seq = 7 + (select min(seq) from event)" 7 7
edit "a detail" "update details set details = cast(substr(details,1,20)||x'00'||substr(details,22) as blob) where seq = 8 + (select min(seq) from event)" 8 8
edit "a missing leaf" "pragma foreign_keys=off; delete from event where seq = 5 + (select min(seq) from event)" 5 0
edit "a missing detail" "delete from details where seq = 6 + (select min(seq) from event)" 6 6
edit "the newest leaves cut off" "pragma foreign_keys=off; delete from event where seq >= (select max(seq) from event) - 1" "$leaves" 0
edit "a record's body" "update record set body = cast(substr(body,1,40)||x'41'||substr(body,42) as blob) where seq = 3" "$leaves" 1
edit "a record's salt" "update record set salt = x'00112233445566778899aabbccddeeff' where seq = 4" "$leaves" 1
edit "a missing record" "pragma foreign_keys=off; delete from record where seq = 2" "$leaves" 1
echo "eight edits, each found"
