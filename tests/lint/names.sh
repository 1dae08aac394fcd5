#!/usr/bin/env bash
# foo.c exports foo_* (tests/lint/names lists the few that say more, and why).
set -u
cd "$(dirname "$0")/../.." || exit 1
bin=${MALLA_BIN:?}
bad=0 count=0
for floor in base crypto wire policy store formats node cli; do
	for object in "$bin/$floor"/*.o; do
		[ -e "$object" ] || continue
		stem=$(basename "$object" .o)
		allowed="$stem $(sed -n "s|^$floor/$stem:||p" tests/lint/names)"
		while read -r symbol; do
			count=$((count + 1))
			ok=
			for prefix in $allowed; do case $symbol in "$prefix" | "$prefix"_*) ok=1 ;; esac; done
			[ "$symbol" = main ] && ok=1
			[ -n "$ok" ] || { echo "$floor/$stem.c exports $symbol"; bad=1; }
		done < <(nm --defined-only --extern-only "$object" | awk '{ print $3 }' | grep -vE '^(__|_)')
	done
done
[ $count -gt 200 ] || { echo "only $count symbols: are the objects in $bin?"; exit 1; }
[ $bad = 0 ] && echo "$count exported symbols, each under its file's name"
exit $bad
