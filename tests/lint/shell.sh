#!/usr/bin/env bash
# Every script parses.
set -u
cd "$(dirname "$0")/../.." || exit 1
count=0
for script in .ci/run examples/*.sh tests/*.sh tests/*/*.sh po/*.sh; do
	[ -e "$script" ] || continue
	bash -n "$script" || exit 1
	count=$((count + 1))
done
echo "$count scripts parse"
