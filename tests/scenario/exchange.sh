#!/usr/bin/env bash
# What one organisation shares, its peer finds, authentic; what nobody may send does not arrive.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
found bank "Banco Uno" bank; found telco "Telco Dos" telecom; found stranger "Extraño" bank
for who in bank telco stranger; do start $who; done
befriend bank telco

# a record shared at the bank is found at the telco, and show names the author and judges the seal
id=$(m bank share indicator url 'hxxp://evil[.]example/login' --tlp green --confidence 80 -q)
wait_for telco 'value under evil.example' 1
m telco show "$id" --json >"$work/show.json"
/usr/bin/python3 - "$work/show.json" <<'PY' || fail "show"
import json, sys
s = json.load(open(sys.argv[1]))
assert s["author"]["name"] == "Banco Uno", s["author"]
assert s["authenticity"] == {"origin": "good", "time": "good", "form": "good", "distribution": "good"}, s["authenticity"]
assert s["observables"] == [{"type": "url", "value": "http://evil.example/login"}]
assert len(s["ways"]) == 1 and s["ways"][0]["name"] == "Banco Uno"
PY
m bank show "$id" --json | grep '"state": "receipted"' >/dev/null || fail "no receipt at the author"

# an unknown key exchanges nothing: the stranger knows the bank, the bank does not know it
m bank card "$work/bank.card" -q
m stranger peer add "$work/bank.card" --yes -q 2>/dev/null
m stranger share indicator domain unasked.example --tlp clear -q >/dev/null
sleep 3
[ "$(count bank 'value = unasked.example')" = 0 ] || fail "an unknown key delivered"
[ "$(field stranger 's["peers"][0]["state"]')" != open ] || fail "a session with a stranger"
[ "$(count stranger 'kind = indicator')" = 1 ] || fail "the stranger received something"

# a label that does not allow it: AMBER+STRICT to the telco alone; RED without recipients; no label
m bank share indicator ipv4 192.0.2.7 --tlp amber+strict --to "Telco Dos" -q >/dev/null
wait_for telco 'value = 192.0.2.7' 1
code=0; m bank share indicator ipv4 192.0.2.8 --tlp red --purpose p --basis b -q >/dev/null 2>&1 || code=$?
[ $code = 3 ] || fail "RED to nobody: exit code $code"
code=0; m bank share indicator ipv4 192.0.2.8 -q >/dev/null 2>&1 || code=$?
[ $code = 3 ] || fail "no label: exit code $code"
code=0; m bank share indicator ipv4 192.0.2.999 --tlp green -q >/dev/null 2>&1 || code=$?
[ $code = 4 ] || fail "no address: exit code $code"
code=0; m bank share indicator phone +525555550100 --tlp amber --to "Telco Dos" -q >/dev/null 2>&1 || code=$?
[ $code = 3 ] || fail "personal without purpose: exit code $code"

# personal data is held for an approver, and stays
m bank share indicator phone +525555550100 --tlp amber --to "Telco Dos" --purpose fraude --basis "art. 21" -q >/dev/null
sleep 1
[ "$(field bank 's["peers"][0]["held"]')" = 1 ] || fail "a personal observable is not held"
[ "$(count telco 'type = phone')" = 0 ] || fail "a held record left"

# the same import again adds nothing
printf 'value,type\n198.51.100.1,ipv4\nhost.example,domain\n' >"$work/f.csv"
m bank import "$work/f.csv" --tlp green -q --json | grep '"stored": 2' >/dev/null || fail "import"
m bank import "$work/f.csv" --tlp green -q --json | grep '"duplicates": 2' >/dev/null || fail "import twice"
wait_for telco 'value = host.example' 1

# a removed peer exchanges nothing, from then on, in either direction
m bank peer remove "Telco Dos" --yes -q
m telco share indicator domain late.example --tlp green -q >/dev/null
m bank share indicator domain later.example --tlp green -q >/dev/null
sleep 2
[ "$(count bank 'value = late.example')" = 0 ] || fail "a removed peer delivered"
[ "$(count telco 'value = later.example')" = 0 ] || fail "a removed peer received"
# and takes up again where it was when it is added once more
m bank peer add "$work/telco.card" --yes -q 2>/dev/null
wait_for bank 'value = late.example' 1 60
wait_for telco 'value = later.example' 1 60

for who in bank telco stranger; do verify $who; done
echo "exchange, refusals, removal and return"
