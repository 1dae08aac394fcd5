#!/usr/bin/env bash
# ceiling.sh: no policy opens what the ceiling shuts: every case there is, and 100,000 random records under 20,000 random
# policies, on the sending and on the receiving side, judged by a second reading of docs/policy.md (ceiling.py).
set -eu -o pipefail
here=$(dirname "$0")
cases=${MALLA_BIN:?MALLA_BIN names the build folder}/tests/property/ceiling_cases
"$cases" exhaustive | "$here/ceiling.py"
"$cases" random "${POLICIES:-20000}" 5 "${SEED:-1}" | "$here/ceiling.py"
