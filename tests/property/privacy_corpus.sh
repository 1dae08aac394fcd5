#!/usr/bin/env bash
# privacy_corpus.sh: of indicators that others published, the privacy gate stops fewer than one in a hundred.
set -eu
: "${MALLA_BIN:?MALLA_BIN names the build folder}"
[ -n "${MALLA_CORPUS:-}" ] || { echo "SKIPPED: no corpus (MALLA_CORPUS)"; exit 77; }
find "$MALLA_CORPUS" -type f \( -name '*.json' -o -name '*.csv' -o -name '*.txt' -o -name '*.md5' -o -name '*.sha1' -o -name '*.sha256' \) \
	! -name '*LICENSE*' -print0 | sort -z | xargs -0 -s 2000000 "$MALLA_BIN/tests/property/privacy_corpus"
