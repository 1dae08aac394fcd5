#!/usr/bin/env bash
# make fault: all of it, two drivers at a time; each one's summary, and the whole output of what failed.
set -u
cd "$(dirname "$0")/../.." || exit 1
bin=${MALLA_BIN:?MALLA_BIN names the build folder}
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
failed=0
# tens of thousands of starts, each with its syncs: what fails there does not depend on the disk
fast=${TMPDIR:-/tmp}; [ -w /dev/shm ] && fast=/dev/shm

run() { # run NAME COMMAND...
	local name=$1 start=$SECONDS; shift
	"$@" >"$out/$name" 2>&1 </dev/null; echo $? >"$out/$name.code"
	echo $((SECONDS - start)) >"$out/$name.time"
}
tell() { # tell NAME
	grep -v ' 1 trials: 0 absorbed, 0 refused, 0 ended' "$out/$1" | sed 's/^/    /'
	if [ "$(cat "$out/$1.code")" = 0 ]; then printf '  ok    %-12s %4ds\n' "$1" "$(cat "$out/$1.time")"
	else failed=$((failed + 1)); printf '  FAIL  %-12s %4ds  exit code %s\n' "$1" "$(cat "$out/$1.time")" "$(cat "$out/$1.code")"; fi
}
(for operation in create open; do run "each-$operation" env TMPDIR="$fast" "$bin/tests/fault/each_fault" $operation; done) & a=$!
(for operation in import share receive receipt checkpoint close; do run "each-$operation" env TMPDIR="$fast" "$bin/tests/fault/each_fault" $operation; done
	run keep_fault env TMPDIR="$fast" "$bin/tests/fault/keep_fault"
	run kill_at "$bin/tests/fault/kill_at"; run torn "$bin/tests/fault/torn") & b=$!
wait $a $b
run client tests/fault/client.sh
MALLA_KILLS=${MALLA_KILLS:-60} run real tests/fault/real.sh
for name in each-create each-open each-import each-share each-receive each-receipt each-checkpoint each-close keep_fault kill_at torn client real; do tell $name; done
[ $failed = 0 ] && echo "every fault survived" || echo "$failed of the drivers found failures"
[ $failed = 0 ]
