#!/usr/bin/env bash
# mutants.sh [NAME...]: build every mutant of the real code (tests/sim/mutants/NAME.patch) in a folder of
# its own and demand that the simulator finds it within 5,000 seeds.  One that does not apply or does not
# build fails too; and so does everything if the code as it is does not pass.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-$PWD/build/release}
seeds=5000
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/as-it-is"
tar -c --exclude=./build --exclude=./.git . | tar -x -C "$work/as-it-is" || exit 1
make BUILD="$build" "$build/tests/sim/sim" >"$work/log" 2>&1 || { tail -n 20 "$work/log"; exit 1; }
if ! "$build/tests/sim/sim" --seeds 1000 >"$work/log" 2>/dev/null; then
	echo "the code as it is does not pass:"; cat "$work/log"; exit 1
fi

# one NAME: prints what became of it
one() {
	local name=$1 at="$work/$1" code
	mkdir "$at"
	cp -a "$work/as-it-is" "$at/src"
	cp -a "$build" "$at/build"
	if ! patch --silent --fuzz=0 -p1 -d "$at/src" <"tests/sim/mutants/$name.patch" >"$at/log" 2>&1; then
		echo "FAIL  $name: it does not apply any more"; return 1
	fi
	if ! make -C "$at/src" BUILD="$at/build" "$at/build/tests/sim/sim" >"$at/log" 2>&1; then
		echo "FAIL  $name: it does not build"; grep -m 3 error "$at/log"; return 1
	fi
	timeout 900 "$at/build/tests/sim/sim" --seeds $seeds --brief >"$at/log" 2>/dev/null
	code=$?
	if [ $code = 1 ]; then
		printf '  ok  %-32s %s\n' "$name" "$(head -n 1 "$at/log" | cut -c1-100)"
	else
		echo "FAIL  $name: $(tail -n 1 "$at/log" | cut -c1-80), exit code $code"; return 1
	fi
}

bad=0 count=0
[ $# -gt 0 ] || set -- $(basename -s .patch tests/sim/mutants/*.patch)
for name in "$@"; do
	count=$((count + 1))
	one "$name" || bad=$((bad + 1))
	rm -rf "${work:?}/$name"
done
echo "$count mutants, $bad not found"
[ $bad = 0 ]
