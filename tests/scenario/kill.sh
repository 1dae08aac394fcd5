#!/usr/bin/env bash
# SIGKILL of core, link, keyring and the whole node, on either side, at moments spread over import
# and delivery: no receipted record is lost, none is stored twice, both logs verify.
# MALLA_KILLS (20) is how often; `make check-kill` runs 200.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
kills=${MALLA_KILLS:-20}
found bank "Banco Uno" bank; found telco "Telco Dos" telecom
start bank; start telco; befriend bank telco
rows=700 # two batches a round
declare -A tally=()

pid_of() { field "$1" "s['processes']['$2']" 2>/dev/null || true; }
kill_one() { # kill_one WHO PROCESS
	local pid
	if [ "$2" = node ]; then
		kill -9 "${pids[$1]}" 2>/dev/null || fail "the node of $1 had ended by itself"; wait "${pids[$1]}" 2>/dev/null || true
		sleep 0.05; start "$1"
		return
	fi
	pid=$(pid_of "$1" "$2")
	[ -n "$pid" ] && kill -9 "$pid" 2>/dev/null || true
}
total=0
for round in $(seq "$kills"); do
	for i in $(seq $rows); do echo "r$round-$i.kill.example"; done >"$work/feed.txt"
	m bank import "$work/feed.txt" --tlp green -q >"$work/import.log" 2>&1 &
	import=$!
	sleep "0.$(printf '%03d' $((RANDOM % 350)))"
	who=bank; [ $((RANDOM % 2)) = 0 ] && who=telco
	what=$(printf 'core\nlink\nkeyring\nnode\n' | sed -n "$((round % 4 + 1))p")
	kill_one $who "$what"
	tally[$who-$what]=$((${tally[$who-$what]:-0} + 1))
	# what the client could not finish is imported again: the same content is stored once
	wait $import || { for _ in $(seq 100); do m bank status >/dev/null 2>&1 && break; sleep 0.1; done
		m bank import "$work/feed.txt" --tlp green -q >"$work/import.log" 2>&1 || fail "import of round $round: $(cat "$work/import.log")"; }
	total=$((total + rows))
done
[ "$(count bank 'type = domain')" = $total ] || fail "the bank holds $(count bank 'type = domain') of $total"
wait_for telco 'type = domain' $total 120
for _ in $(seq 300); do
	[ "$(field bank 's["peers"][0]["queued"] + s["peers"][0]["in_flight"]')" = 0 ] && break; sleep 0.2
done
[ "$(field bank 's["peers"][0]["receipted"]')" = $total ] || fail "receipted: $(field bank 's["peers"][0]["receipted"]') of $total"
[ "$(field bank 's["peers"][0]["refused"]')" = "{}" ] || fail "refused: $(field bank 's["peers"][0]["refused"]')"
for who in bank telco; do verify $who; stop $who; done
# the ids themselves: the same set on both sides, each once
for who in bank telco; do sqlite3 "$work/$who/store.db" "select hex(id) from record order by id" >"$work/$who.ids"; done
cmp "$work/bank.ids" "$work/telco.ids" || fail "the two hold different records"
[ "$(sort -u "$work/bank.ids" | wc -l)" = $total ] || fail "a record is there twice"
for key in "${!tally[@]}"; do printf '%s %s; ' "$key" "${tally[$key]}"; done; echo
echo "$kills kills, $total records: none lost, none twice, both logs verify"
