#!/usr/bin/env bash
# One record at rest between two nodes on this machine: docs/decisions/0009-latency.md.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/../scenario/lib.sh"
found bank "Banco Uno" bank; found telco "Telco Dos" telecom
start bank; start telco; befriend bank telco
m bank share indicator domain first.example --tlp green -q >/dev/null
wait_for telco 'type = domain' 1
sleep 1
"$bin/tests/bench/latency" "$work/bank" "$work/telco" "${MALLA_COUNT:-200}"
