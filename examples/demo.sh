#!/usr/bin/env bash
# Three organisations on this machine, a bank, a telco and a government CERT, exchange
# intelligence: signed, encrypted, receipted, with no centre.  Run it with `make demo`;
# KEEP=1 leaves it running and prints commands to try.  Needs no root, listens on 127.0.0.1 only.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
bin=${MALLA_BIN:-$top/build/release}
export MALLA_LOCALE_DIR=${MALLA_LOCALE_DIR:-$bin/locale}
content=$top/examples/demo
work=$(mktemp -d "${TMPDIR:-/tmp}/malla-demo.XXXXXX")
declare -A pids=()

say() { printf '\n\033[1m== %s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9]*m//g'; fi; }
m() { local who=$1; shift; "$bin/malla" --home "$work/$who" "$@"; }
start() {
	"$bin/mallad" --home "$work/$1" >>"$work/$1.log" 2>&1 &
	pids[$1]=$!
	for _ in $(seq 100); do m "$1" status >/dev/null 2>&1 && return 0; sleep 0.05; done
	echo "the node of $1 did not start:"; cat "$work/$1.log"; exit 1
}
stop_all() {
	for who in "${!pids[@]}"; do kill "${pids[$who]}" 2>/dev/null || true; done
	for who in "${!pids[@]}"; do wait "${pids[$who]}" 2>/dev/null || true; done
}
cleanup() { stop_all; rm -rf "$work"; }
trap cleanup EXIT
free_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 20000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
	done
}
# count_of WHO PREDICATE: how many records match (0 is an answer, not a failure)
count_of() { m "$1" query --count "$2" || true; }
wait_for() { # wait_for WHO PREDICATE COUNT
	for _ in $(seq 300); do
		[ "$(count_of "$1" "$2")" = "$3" ] && return 0
		sleep 0.1
	done
	echo "$1 holds $(count_of "$1" "$2") of $3 records for: $2"; m "$1" status; exit 1
}

say "Three organisations, one command each"
m bank init --org "Banco del Norte" --sector bank --country MX --listen "tcp://127.0.0.1:$(free_port)" --no-passphrase -q
m telco init --org "Telefonía del Valle" --sector telecom --country MX --listen "tcp://127.0.0.1:$(free_port)" --no-passphrase -q
m cert init --org "CERT Nacional (demostración)" --sector government --country MX --listen "tcp://127.0.0.1:$(free_port)" --no-passphrase -q
for who in bank telco cert; do start $who; m $who card "$work/$who.card" -q; done

say "Each trusts the others by their cards; the fingerprint is what people compare"
for who in bank telco cert; do
	for other in bank telco cert; do
		[ $who = $other ] && continue
		fingerprint=$(m $other card --json | sed -n 's/.*"fingerprint": "\(.*\)",*/\1/p')
		m $who peer add "$work/$other.card" --fingerprint "$fingerprint" -q
	done
done

say "The CERT publishes an advisory and four best-practice notes (TLP:CLEAR)"
m cert share advisory "$content/aviso-phishing-banca-movil.md" --tlp clear -q
for note in practica-correo-autenticado practica-respaldos-que-se-restauran practice-sim-swap-signals practice-admin-authentication; do
	m cert share note "$content/$note.md" --tlp clear -q
done
wait_for bank 'kind in (note, advisory)' 5
wait_for telco 'kind in (note, advisory)' 5
m bank query 'kind in (note, advisory)'

say "The bank sends one AMBER+STRICT indicator to the telco alone"
strict=$(m bank share indicator ipv4 '203.0.113[.]77' --tlp amber+strict --to "Telefonía del Valle" --confidence 90 --text "Answers the codes of the campaign; under observation" -q)
wait_for telco 'tlp = amber+strict' 1

say "The bank imports a feed of 10,000 indicators; the telco is killed (SIGKILL) in mid-delivery"
awk 'BEGIN {
	print "type,value,confidence,labels,note"
	for (i = 0; i < 10000; i++) {
		k = i % 5
		if (k == 0) v = sprintf("domain,aviso-%d.phish%d.example", i, i % 89)
		if (k == 1) v = sprintf("ipv4,%s.%d", (i % 3 == 0) ? "192.0.2" : (i % 3 == 1) ? "198.51.100" : "203.0.113", int(i / 5) % 256)
		if (k == 2) v = sprintf("url,http://cargo-%d.example/aclaracion?id=%d", i, i)
		if (k == 3) v = sprintf("sha256,%064x", i * 7919 + 1)
		if (k == 4) v = sprintf("ipv6,2001:db8:%x::%x", i % 65536, i)
		printf "%s,%d,phishing;demo,row %d\n", v, 40 + i % 60, i
	}
}' >"$work/feed.csv"
m bank import "$work/feed.csv" --tlp green -q &
import=$!
for _ in $(seq 400); do
	n=$(count_of telco 'tlp = green'); [ "${n:-0}" -ge 500 ] && break; sleep 0.01
done
echo "the telco holds $(count_of telco 'tlp = green') of 10000 when it is killed"
kill -9 "${pids[telco]}"; wait "${pids[telco]}" 2>/dev/null || true
wait $import
start telco
wait_for telco 'tlp = green' 10000
wait_for cert 'tlp = green' 10000
echo "after its return it holds $(count_of telco 'tlp = green'): every one, each once"

say "Who holds what"
printf '%-10s %8s %8s %8s\n' "" CLEAR GREEN AMBER+STRICT
for who in bank telco cert; do
	printf '%-10s %8s %8s %8s\n' $who "$(count_of $who 'tlp = clear')" "$(count_of $who 'tlp = green')" "$(count_of $who 'tlp = amber+strict')"
done
[ "$(count_of cert 'tlp = amber+strict')" = 0 ]

say "Why the CERT does not hold the AMBER+STRICT one"
echo "AMBER+STRICT goes from its author to the organisations it names, and no further: the ceiling"
echo "beneath every policy.  The bank's own account of it names one delivery only:"
m bank show "$strict" | sed -n '/^TO /,$p'

say "At the telco: who wrote it, and is it authentic?"
m telco show "$strict"

say "Three logs, recomputed leaf by leaf"
for who in bank telco cert; do printf '%-6s ' $who; m $who audit verify; done

say "The bank's seal on that indicator, checked by stock openssl"
m telco show "$strict" --json >"$work/strict.json"
m telco peer show "Banco del Norte" --json >"$work/bank.json"
/usr/bin/env python3 - "$work" <<'PY'
import json, sys
work = sys.argv[1]
seal = bytes.fromhex(json.load(open(work + "/strict.json"))["seal"]["signed"])
key = bytes.fromhex(json.load(open(work + "/bank.json"))["sign_key"])
# signed = [bin statement, [[0, 1, bin signature]]]: the statement's bytes are what was signed
length, at = (seal[2], 3) if seal[1] == 0xc4 else (int.from_bytes(seal[2:4], "big"), 4)
open(work + "/seal.statement", "wb").write(seal[at:at + length])
open(work + "/seal.signature", "wb").write(seal[-64:])
open(work + "/bank.der", "wb").write(bytes.fromhex("302a300506032b6570032100") + key)
PY
head -c 13 "$work/seal.statement"; echo
openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey "$work/bank.der" -in "$work/seal.statement" -sigfile "$work/seal.signature"

if [ -n "${KEEP:-}" ]; then
	trap - EXIT
	say "Left running. Try:"
	cat <<TRY
  export PATH=$bin:\$PATH MALLA_LOCALE_DIR=$MALLA_LOCALE_DIR
  malla --home $work/telco status
  malla --home $work/telco query 'value under phish7.example and confidence >= 80'
  malla --home $work/telco query 'value in 198.51.100.0/24' --csv
  malla --home $work/telco --lang es show $strict
  malla --home $work/bank share indicator domain 'aclaracion[.]example' --tlp green
  malla --home $work/cert audit log
and when you have seen enough:
  kill ${pids[bank]} ${pids[telco]} ${pids[cert]}; rm -r $work
TRY
	exit 0
fi
say "Done: everything arrived exactly once, and nothing went further than its label"
