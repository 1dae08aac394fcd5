#!/usr/bin/env bash
# Every section of docs/protocol.md that code cites exists.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0 count=0
while IFS=: read -r file section; do
	count=$((count + 1))
	grep -E "^#+ ${section//./\\.}[. ]" docs/protocol.md >/dev/null || { echo "$file cites docs/protocol.md $section, which does not exist"; bad=1; }
done < <(grep -HoE 'protocol\.md [0-9]+(\.[0-9]+)?' ./*/*.[ch] tests/unit/*.[ch] | sed 's/protocol\.md //' | sort -u)
[ $count -gt 10 ] || { echo "only $count citations found"; exit 1; }
[ $bad = 0 ] && echo "$count citations of docs/protocol.md, every section there"
exit $bad
