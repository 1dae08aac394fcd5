#!/usr/bin/env bash
# policy_diff.sh: `malla policy diff` beside reading the same rows once, in one run.  N=1000000 ROUNDS=7
set -eu
bin=${MALLA_BIN:?}
work=$(mktemp -d "${TMPDIR:-/tmp}/malla-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$bin/tests/bench/policy_diff" "$work" "${N:-1000000}" "${ROUNDS:-7}"
