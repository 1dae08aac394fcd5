#!/usr/bin/env bash
# stores.sh [SEEDS [FIRST]]: runs worlds, and has what their stores hold in the end judged by a second reading of the documents.
set -eu
sim=${MALLA_BIN:?MALLA_BIN names the build folder}/tests/sim/sim
folder=$(mktemp -d "${TMPDIR:-/tmp}/malla-stores.XXXXXX"); trap 'rm -rf "$folder"' EXIT
"$sim" --seeds "${1:-300}" --first "${2:-2000001}" --stores "$folder"
/usr/bin/python3 "$(dirname "$0")/stores.py" "$folder"/*.txt
