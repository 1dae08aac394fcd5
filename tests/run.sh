#!/usr/bin/env bash
# run.sh GROUP...: run groups of tests (unit fuzz vectors lint property scenario sim fault demo), show one line each,
# the whole output of what failed, and a last line with the count.
set -u
cd "$(dirname "$0")/.." || exit 1
bin=${MALLA_BIN:?MALLA_BIN names the build folder}
export MALLA_BIN MALLA_CORPUS
if [ -z "${MALLA_CORPUS:-}" ] && [ -d ../shared/corpus ]; then MALLA_CORPUS=$(cd ../shared/corpus && pwd); fi
MALLA_CORPUS=${MALLA_CORPUS:-}
passed=0 failed=0 skipped=0
out=$(mktemp); trap 'rm -f "$out"' EXIT

# one NAME COMMAND...: exit code 77 means skipped, aloud
one() {
	local name=$1 code start; shift
	start=$SECONDS
	timeout 540 "$@" >"$out" 2>&1 </dev/null; code=$?
	if [ $code = 0 ]; then
		passed=$((passed + 1)); printf '  ok    %-34s %3ds  %s\n' "$name" $((SECONDS - start)) "$(tail -n 1 "$out" | cut -c1-90)"
		# what the corpus gave, per folder; what was skipped, aloud
		sed -n '/^folder /,/of CPU/p' "$out" | sed 's/^/        /'
		grep -i 'skipp' "$out" | sed 's/^/        /' || true
	elif [ $code = 77 ]; then
		skipped=$((skipped + 1)); printf '  SKIP  %-34s %s\n' "$name" "$(tail -n 1 "$out")"
	else
		failed=$((failed + 1)); printf '  FAIL  %-34s exit code %d\n' "$name" $code; cat "$out"
	fi
}

for group in "$@"; do
	echo "== $group"
	case $group in
	unit) for t in tests/unit/*_test.c; do n=$(basename "$t" .c); one "$n" "$bin/tests/unit/$n"; done ;;
	fuzz) for t in tests/fuzz/*_fuzz.c; do n=$(basename "$t" _fuzz.c); one "$n" "$bin/tests/fuzz/${n}_fuzz" "tests/fuzz/corpus/$n"; done ;;
	vectors) for t in tests/vectors/*.py; do [ -e "$t" ] && one "$(basename "$t" .py)" /usr/bin/python3 "$t"; done ;;
	lint) for t in tests/lint/*.sh; do one "$(basename "$t" .sh)" "$t"; done ;;
	property) for t in tests/property/*.sh; do one "$(basename "$t" .sh)" "$t"; done ;;
	scenario) for t in tests/scenario/*.sh; do case $t in */lib.sh) ;; *) one "$(basename "$t" .sh)" "$t" ;; esac; done ;;
	# the short form; `make sim SEEDS=100000` is the campaign
	sim) one sim "$bin/tests/sim/sim" --seeds 1500
		one sim-stores tests/sim/stores.sh
		one sim-twice "$bin/tests/sim/sim" --seeds 200 --first 1000001 --twice ;;
	# the short forms; `make fault` runs the whole
	fault) for t in each_fault kill_at torn keep_fault; do one "$t" "$bin/tests/fault/$t" --short; done
		for t in client real; do one "$t" "tests/fault/$t.sh"; done ;;
	demo) one demo examples/demo.sh ;;
	*) echo "no such group: $group"; exit 2 ;;
	esac
done
echo "$passed passed, $failed failed$([ $skipped = 0 ] || echo ", $skipped skipped")"
[ $failed = 0 ]
