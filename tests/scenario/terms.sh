#!/usr/bin/env bash
# Handling terms travel with a record, policies and questions can ask about them, and nothing is sent outside their time.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
found bank "Banco Uno" bank; found telco "Telco Dos" telecom
for who in bank telco; do start $who; done
befriend bank telco
m bank share indicator domain stated.example --tlp green --permitted internal --attribution must --notification must-not \
	--resale must-not --terms-from 2020-01-01 --terms-until 2099-01-01 -q >/dev/null
m bank share indicator domain over.example --tlp green --terms-until 2021-01-01 -q >/dev/null
m bank share indicator domain silent.example --tlp green -q >/dev/null
wait_for telco 'value = silent.example' 1
wait_for telco 'value = stated.example and permitted = internal and attribution = must and notification = must-not' 1
[ "$(count telco 'value = over.example')" = 0 ] || fail "it was sent after its terms had ended"
[ "$(count bank 'value = over.example')" = 1 ] || fail "it is not kept"
# the same answer beforehand
printf 'later.example\n' >"$work/l.txt"
m bank import "$work/l.txt" --type domain --tlp green --terms-until 2021-01-01 --dry-run --json >"$work/dry.json"
grep '"peers": 0' "$work/dry.json" >/dev/null || fail "the preview promises what will not be: $(cat "$work/dry.json")"
for wrong in "--permitted all" "--attribution no" "--notification must" "--terms-until soon" "--terms-from 2030-01-01 --terms-until 2029-01-01"; do
	code=0
	# shellcheck disable=SC2086
	m bank share indicator domain wrong.example --tlp green $wrong -q >/dev/null 2>&1 || code=$?
	[ $code = 2 ] || fail "$wrong: exit code $code"
done
[ "$(count bank 'value = wrong.example')" = 0 ] || fail "a bad option stored something"
echo "terms travel, are asked for, and end"
