#!/usr/bin/env bash
# relations.sh: random statements and charters, asked about as of random moments, judged by a second reading of the documents.
set -eu -o pipefail
"${MALLA_BIN:?MALLA_BIN names the build folder}/tests/property/relations_cases" "${STORIES:-2000}" "${SEED:-1}" | "$(dirname "$0")/relations.py"
