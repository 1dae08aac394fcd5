#!/usr/bin/env bash
# stores.sh [SEEDS [FIRST]]: runs worlds, with every fault there is and then with none but that operators set a policy which shares
# all with everybody, and has what their stores hold in the end judged by a second reading of the documents.
set -eu
sim=${MALLA_BIN:?MALLA_BIN names the build folder}/tests/sim/sim
folder=$(mktemp -d "${TMPDIR:-/tmp}/malla-stores.XXXXXX"); trap 'rm -rf "$folder"' EXIT
for faults in "" "--faults policy"; do
	# shellcheck disable=SC2086
	"$sim" --seeds "${1:-200}" --first "${2:-2000001}" $faults --stores "$folder"
	/usr/bin/python3 "$(dirname "$0")/stores.py" "$folder"/*.txt
done
