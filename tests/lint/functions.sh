#!/usr/bin/env bash
# No function over 70 lines, no line over 100 columns, no call of what this house does not use.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0
long=$(for f in base/*.c crypto/*.c wire/*.c policy/*.c store/*.c formats/*.c node/*.c cli/*.c; do
	awk -v f="$f" '/^\{/ { s = NR } /^\}/ { if (s && NR - s > 70) printf "%s:%d: a function of %d lines\n", f, s, NR - s; s = 0; n++ } END { print n + 0 > "/dev/stderr" }' "$f"
done 2>"${TMPDIR:-/tmp}/malla-functions.$$")
count=$(awk '{ n += $1 } END { print n }' "${TMPDIR:-/tmp}/malla-functions.$$"); rm -f "${TMPDIR:-/tmp}/malla-functions.$$"
[ -z "$long" ] || { echo "$long"; bad=1; }
calls=$(grep -nE '\b(strcpy|strcat|sprintf|vsprintf|strtok|atoi|alloca|rand|gets)\(' base/*.[ch] crypto/*.[ch] wire/*.[ch] policy/*.[chy] store/*.[ch] formats/*.[ch] node/*.[ch] cli/*.[ch])
[ -z "$calls" ] || { echo "$calls"; bad=1; }
[ "${count:-0}" -gt 500 ] || { echo "only ${count:-0} functions found"; exit 1; }
[ $bad = 0 ] && echo "$count functions, none over 70 lines"
exit $bad
