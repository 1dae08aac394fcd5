#!/usr/bin/env bash
# Real nodes, each with all its processes: core and keyring are killed, on either side, as they
# begin some system call in the midst of an import and its delivery.  No receipted record is lost,
# none is stored twice, both logs verify.  MALLA_KILLS (4) is how often.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/../scenario/lib.sh"
kills=${MALLA_KILLS:-4}
rows=600 # two batches a round
declare -A tally=()

start() { # under the tracer, which takes its orders from a FIFO
	[ -p "$work/$1.orders" ] || mkfifo "$work/$1.orders"
	"$bin/tests/fault/kill_real" "$work/$1.orders" "$bin/mallad" --home "$work/$1" >>"$work/$1.killed" 2>>"$work/$1.log" &
	pids[$1]=$!
	for _ in $(seq 200); do m "$1" status >/dev/null 2>&1 && return 0; sleep 0.05; done
	fail "the node of $1 did not start"
}
pid_of() { for _ in $(seq 100); do field "$1" "s['processes']['$2']" 2>/dev/null && return; sleep 0.1; done; fail "no status of $1"; }
killed() { grep -vc gone "$work/$1.killed" || true; }

found bank "Banco Uno" bank; found telco "Telco Dos" telecom
start bank; start telco; befriend bank telco
total=0
for round in $(seq "$kills"); do
	for i in $(seq $rows); do echo "r$round-$i.real.example"; done >"$work/feed.txt"
	who=bank; [ $((round % 2)) = 0 ] && who=telco
	what=core; [ $((round % 4 / 2)) = 1 ] && what=keyring
	# a keyring makes few calls, and all of them matter
	limit=500; [ $what = keyring ] && limit=12
	before=$(killed $who)
	echo "$(pid_of $who $what) $((1 + RANDOM % limit))" >"$work/$who.orders"
	m bank import "$work/feed.txt" --tlp green -q >"$work/import.log" 2>&1 ||
		{ for _ in $(seq 100); do m bank status >/dev/null 2>&1 && break; sleep 0.1; done
		m bank import "$work/feed.txt" --tlp green -q >"$work/import.log" 2>&1 || fail "import of round $round: $(cat "$work/import.log")"; }
	total=$((total + rows))
	wait_for telco 'type = domain' $total 120
	# whoever was not killed by all this gets there by being asked, or later
	for _ in $(seq 25); do [ "$(killed $who)" -gt "$before" ] && break; m $who status >/dev/null 2>&1 || true; sleep 0.02; done
	[ "$(killed $who)" -gt "$before" ] && tally[$who-$what]=$((${tally[$who-$what]:-0} + 1))
	for _ in $(seq 100); do m $who status >/dev/null 2>&1 && break; sleep 0.1; done
done
[ "$(count bank 'type = domain')" = $total ] || fail "the bank holds $(count bank 'type = domain') of $total"
wait_for telco 'type = domain' $total 120
for _ in $(seq 300); do
	[ "$(field bank 's["peers"][0]["queued"] + s["peers"][0]["in_flight"]')" = 0 ] && break; sleep 0.2
done
[ "$(field bank 's["peers"][0]["receipted"]')" = $total ] || fail "receipted: $(field bank 's["peers"][0]["receipted"]') of $total"
[ "$(field bank 's["peers"][0]["refused"]')" = "{}" ] || fail "refused: $(field bank 's["peers"][0]["refused"]')"
for who in bank telco; do verify $who; done
# the same feeds once more: nothing of it is new
m bank import "$work/feed.txt" --tlp green -q >/dev/null 2>&1 || fail "the last import"
[ "$(count bank 'type = domain')" = $total ] || fail "a repeat was stored"
for key in "${!tally[@]}"; do printf '%s %s; ' "$key" "${tally[$key]}"; done; echo
sum=$(($(killed bank) + $(killed telco)))
[ $sum -gt 0 ] || fail "nobody was killed"
echo "$sum kills at a system call, $total records: none lost, none twice, both logs verify"
