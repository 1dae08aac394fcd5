#!/usr/bin/env bash
# What fails in the importing client loses nothing silently; see client_fault.c.
# MALLA_SHORT=1: a few of the calls only.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/../scenario/lib.sh"
found bank "Banco Uno" bank; start bank
"$bin/tests/fault/client_fault" ${MALLA_SHORT:+--short} "$work/bank" >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
cat "$work/out"
rows=$(sed -n 's/ rows in .*//p' "$work/out")
[ "$(count bank 'type = domain')" = "$rows" ] || fail "the node holds $(count bank 'type = domain') of $rows"
verify bank
