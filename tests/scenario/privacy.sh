#!/usr/bin/env bash
# Personal data that a record does not declare does not leave by accident: refused, or held until an approver overrides.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
found bank "Banco Uno" bank; found telco "Telco Dos" telecom
for who in bank telco; do start $who; done
befriend bank telco
curp=PEGJ800101HDFRRN07
printf '# Fraude por teléfono\n\nLa víctima (CURP %s) transfirió a la cuenta 646180157000000004.\n' "$curp" >"$work/n.md"
code=0; m bank share note "$work/n.md" --tlp green 2>"$work/err" || code=$?
[ $code = 3 ] || fail "a note with a CURP: exit code $code"
grep -q 'text: curp PEGJ' "$work/err" && ! grep -q "$curp" "$work/err" || fail "it does not say what it found, masked: $(cat "$work/err")"
[ "$(count bank 'kind = note')" = 0 ] || fail "what was refused is stored"
code=0; m bank share note "$work/n.md" --tlp green --dry-run >/dev/null 2>&1 || code=$?
[ $code = 3 ] || fail "--dry-run promises what will be refused: exit code $code"

# a label, a file's name, an original; a check digit that is wrong is none
printf 'value,type,description\nevil.example,domain,call +52 55 0012 3456\nfine.example,domain,a loader\n' >"$work/f.csv"
m bank import "$work/f.csv" --tlp green --keep-going --json >"$work/i.json" 2>/dev/null
grep -q '"refused": 1' "$work/i.json" || fail "an import with a telephone number: $(cat "$work/i.json")"
wait_for telco 'value = fine.example' 1
[ "$(count bank 'value = evil.example')" = 0 ] || fail "the row with a telephone number is stored"
code=0; m bank share indicator filename "alumno_$curp.docx" --tlp green -q 2>/dev/null || code=$?
[ $code = 3 ] || fail "a file's name with a CURP: exit code $code"
m bank share indicator filename "alumno_PEGJ800101.docx" --tlp green -q >/dev/null || fail "a file's name without any"
# what is declared is no accident: it is the policy's business
m bank share indicator phone +525500123456 --text "calls come from 55 0012 3456" --tlp amber --to "Telco Dos" --purpose fraude --basis "art. 21" -q >/dev/null || fail "a declared number"

# sealed and held, if an approver is asked
id=$(m bank share note "$work/n.md" --tlp green --ask-approver -q)
sleep 1
[ "$(count bank 'kind = note')" = 1 ] || fail "it was not sealed"
[ "$(count telco 'kind = note')" = 0 ] || fail "it left"
m bank queue --json >"$work/q.json"
/usr/bin/python3 - "$work/q.json" "$id" <<'PY' || fail "the queue: $(cat "$work/q.json")"
import json, sys
e = [e for e in json.load(open(sys.argv[1])) if e["id"].startswith(sys.argv[2][:12])]
assert len(e) == 1 and e[0]["privacy"] and e[0]["needed"] == 1, e
PY
if [ "$(id -u)" = 0 ]; then
	chmod 0711 "$work"
	m bank user add eva --uid 54321 --roles approver --clearance amber --no-passphrase -q >/dev/null
	as() { setpriv --reuid 54321 --regid 54321 --clear-groups env MALLA_LOCALE_DIR="$MALLA_LOCALE_DIR" "$bin/malla" --home "$work/bank" "$@"; }
	as approve "$id" --note "without the override" -q
	sleep 1
	[ "$(count telco 'kind = note')" = 0 ] || fail "it left without an override"
	as approve "$id" --note "the victim has agreed" --override-privacy -q || fail "an approver cannot override"
	wait_for telco 'kind = note' 1
else
	echo "SKIPPED: another user needs root"
fi

# own addresses and domains, as the policy names them
printf 'policy "own"\nown (203.0.113.0/24, banco.example)\noutbound {\n  share all to anybody\n}\ninbound {\n  accept all\n}\n' >"$work/own.policy"
m bank policy set "$work/own.policy" -q
printf '# Aviso\n\nEl servidor srv1.banco.example fue alcanzado.\n' >"$work/o.md"
code=0; m bank share note "$work/o.md" --tlp green -q 2>"$work/err" || code=$?
[ $code = 3 ] && grep -q own-domain "$work/err" || fail "an own host: exit code $code: $(cat "$work/err")"
echo "blocked, held, released"
