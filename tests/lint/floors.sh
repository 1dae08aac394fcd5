#!/usr/bin/env bash
# A folder uses only the floors that tests/lint/floors lists for it, and a library's header stands
# only where its owner is; zmq.h in node/link.c alone, seccomp.h in node/sandbox.c alone.
set -u
cd "$(dirname "$0")/../.." || exit 1
owned=$(grep -v '^#' tests/lint/floors | grep -o '<[^>]*>')
bad=0 lines=0
complain() { echo "$1"; bad=1; }
while IFS=: read -r floor uses; do
	case $floor in ''|\#*) continue ;; esac
	for file in "$floor"/*.[chy] "$floor"/*.re; do
		[ -e "$file" ] || continue
		while read -r include; do
			lines=$((lines + 1))
			case $include in
			\"*/*) used=${include#\"}; used=${used%%/*}
				[ "$used" = "$floor" ] && continue
				case " $uses " in *" $used "*) ;; *) complain "$file: a floor it may not use: $include" ;; esac ;;
			\<*) case $owned in *"$include"*)
				case $uses in *"$include"*) ;; *) complain "$file: somebody else's library: $include" ;; esac
				case $include:$file in
				'<zmq.h>:node/link.c' | '<seccomp.h>:node/sandbox.c') ;;
				'<zmq.h>:'* | '<seccomp.h>:'*) complain "$file: only one file of node has $include" ;;
				esac ;;
				esac ;;
			esac
		done < <(sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*\(["<][^">]*[">]\).*/\1/p' "$file")
	done
done < tests/lint/floors
[ $bad = 0 ] && echo "$lines includes, every one on a floor below or its own"
exit $bad
