#!/usr/bin/env bash
# The table of commands in cli/commands.c and malla(1) say the same: every command, every option.
set -u
cd "$(dirname "$0")/../.." || exit 1
page=docs/man/malla.1
text=$(mandoc -T ascii "$page" | sed 's/.\x08//g')
bad=0 count=0
while IFS=$'\t' read -r name synopsis; do
	count=$((count + 1))
	printf '%s\n' "$text" | grep -F "malla $name" >/dev/null || { echo "$page: no malla $name"; bad=1; }
	for option in $(printf '%s' "$synopsis" | grep -oE -- '--[a-z-]+' | sort -u); do
		printf '%s\n' "$text" | grep -F -- "$option" >/dev/null || { echo "$page: malla $name: no $option"; bad=1; }
	done
done < <("$MALLA_BIN/malla" --help | awk '/^  [a-z]/ { sub(/^  /, ""); print substr($0, 1, 16) }' | sed 's/ *$//' | while read -r name; do
	printf '%s\t%s\n' "$name" "$("$MALLA_BIN/malla" $name --help | head -n 1)"; done)
# and no command that does not exist
while read -r name; do
	"$MALLA_BIN/malla" $name --help >/dev/null 2>&1 || { echo "$page: malla $name does not exist"; bad=1; }
done < <(sed -n 's/^\.It Cm \(.*\)$/\1/p' "$page" | sed 's/ Ar .*//; s/ Op .*//; s/ Fl .*//; s/ Cm / /g')
[ $count -gt 10 ] || { echo "only $count commands found"; exit 1; }
[ $bad = 0 ] && echo "$count commands and their options, all in $page"
exit $bad
