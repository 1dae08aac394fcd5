#!/usr/bin/env bash
# The project speaks of Malla alone: no paths of a machine, no registries' hosts, nothing left open.
set -u
cd "$(dirname "$0")/../.." || exit 1
files=$(git ls-files 2>/dev/null | grep -v '^tests/lint/words.sh$') || files=
[ -n "$files" ] || files=$(find . -type f -not -path './build/*' -not -path './.git/*' -not -name words.sh)
bad=0
# shellcheck disable=SC2086
found=$(grep -nIE '(^|[^A-Za-z0-9_.])/(home|root|tmp/[a-z]+)/|https?://(deb|security|snapshot|registry|pypi)\.' $files)
[ -z "$found" ] || { echo "$found"; bad=1; }
# shellcheck disable=SC2046,SC2086
found=$(grep -nIE '\b(TO''DO|FIX''ME|XX''X|HA''CK|not imple''mented|for no''w)\b' $(printf '%s\n' $files | grep -E '\.(c|h|y|re|sh)$|^Makefile$'))
[ -z "$found" ] || { echo "$found"; bad=1; }
[ $bad = 0 ] && echo "$(printf '%s\n' $files | wc -l) files, none speaks of a machine or leaves something open"
exit $bad
