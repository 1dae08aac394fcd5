# lib.sh: nodes on loopback for the scenario tests.  Sourced; sets -eu.
# shellcheck shell=bash
set -euo pipefail
bin=${MALLA_BIN:?}
work=$(mktemp -d "${TMPDIR:-/tmp}/malla-test.XXXXXX")
export MALLA_LOCALE_DIR=$bin/locale
declare -A pids=()

m() { local who=$1; shift; "$bin/malla" --home "$work/$who" "$@"; }
fail() { echo "FAILED: $*"; for l in "$work"/*.log; do [ -e "$l" ] && { echo "-- $l"; tail -n 15 "$l"; }; done; exit 1; }
free_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 20000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
	done
}
found() { # found WHO NAME SECTOR: init
	m "$1" init --org "$2" --sector "$3" --country MX --listen "tcp://127.0.0.1:$(free_port)" --no-passphrase -q >/dev/null
}
start() {
	"$bin/mallad" --home "$work/$1" >>"$work/$1.log" 2>&1 &
	pids[$1]=$!
	for _ in $(seq 200); do m "$1" status >/dev/null 2>&1 && return 0; sleep 0.05; done
	fail "the node of $1 did not start"
}
stop() { kill "${pids[$1]}" 2>/dev/null || true; wait "${pids[$1]}" 2>/dev/null || true; unset "pids[$1]"; }
cleanup() {
	for who in "${!pids[@]}"; do kill "${pids[$who]}" 2>/dev/null || true; done
	for who in "${!pids[@]}"; do wait "${pids[$who]}" 2>/dev/null || true; done
	rm -rf "$work"
}
trap cleanup EXIT
befriend() { # befriend A B: each adds the other's card
	m "$1" card "$work/$1.card" -q; m "$2" card "$work/$2.card" -q
	m "$1" peer add "$work/$2.card" --yes -q 2>/dev/null
	m "$2" peer add "$work/$1.card" --yes -q 2>/dev/null
}
count() { m "$1" query --count "$2" 2>/dev/null || true; }
wait_for() { # wait_for WHO PREDICATE COUNT [SECONDS]
	for _ in $(seq $((${4:-30} * 10))); do [ "$(count "$1" "$2")" = "$3" ] && return 0; sleep 0.1; done
	fail "$1 holds $(count "$1" "$2") of $3 for: $2"
}
# the log is whole, and every decision in it comes out again as it was made
verify() {
	m "$1" audit verify >/dev/null || fail "the log of $1 does not verify: $(m "$1" audit verify 2>&1)"
	m "$1" policy replay >/dev/null 2>&1 || fail "decisions of $1 come out differently: $(m "$1" policy replay 2>&1)"
}
# field WHO JSON-EXPRESSION: of status --json, by python
field() { m "$1" status --json | /usr/bin/python3 -c "import json,sys; s=json.load(sys.stdin); print($2)"; }
