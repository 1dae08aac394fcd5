#!/usr/bin/env bash
# One node and MALLA_PEERS peers that get the same batch: CPU a peer, and memory of link.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/../scenario/lib.sh"
peers=${MALLA_PEERS:-200} rounds=${MALLA_ROUNDS:-15}
mkdir "$work/cards"
"$bin/tests/bench/fanout" cards "$work/cards" "$peers"
found bank "Banco Uno" bank
start bank
m bank card "$work/bank.card" -q
for card in "$work"/cards/*.card; do m bank peer add "$card" --yes -q >/dev/null 2>&1 || fail "peer add $card"; done
"$bin/tests/bench/fanout" run "$work/bank" "$work/bank.card" "$peers" "$rounds"
verify bank
