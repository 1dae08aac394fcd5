#!/usr/bin/env bash
# TLP:RED is shown to the persons it names, to nobody else.  Needs root, for several users.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || { echo "red: not root, so there is one user only"; exit 77; }
chmod 711 "$work"
found bank "Banco Uno" bank; found telco "Telco Dos" telecom
start bank; start telco; befriend bank telco
as() { local uid=$1 who=$2; shift 2; setpriv --reuid "$uid" --regid "$uid" --clear-groups "$bin/malla" --home "$work/$who" "$@"; }
m telco user add ana --uid 41001 --roles analyst --clearance red --no-passphrase -q
m telco user add berta --uid 41002 --roles analyst,publisher --clearance red --no-passphrase -q
m telco user add carlos --uid 41003 --roles analyst --clearance green --no-passphrase -q
m telco user add dora --uid 41004 --roles auditor --clearance red --no-passphrase -q

id=$(m bank share indicator ipv4 203.0.113.9 --tlp red --to 'ana@Telco Dos' --purpose investigation --basis "consent" -q)
m bank share indicator ipv4 203.0.113.10 --tlp amber --to 'Telco Dos' -q >/dev/null
wait_for telco 'tlp >= amber' 2

as 41001 telco show "$id" -q | grep 203.0.113.9 >/dev/null || fail "the person named may not read it"
for uid in 41002 41003; do
	code=0; as $uid telco show "$id" -q >/dev/null 2>&1 || code=$?
	[ $code = 3 ] || fail "uid $uid reads RED: exit code $code"
done
# not even the RED desk and admin, where a person of its organisation is named
code=0; m telco show "$id" -q >/dev/null 2>&1 || code=$?
[ $code = 3 ] || fail "the RED desk reads what names a person: exit code $code"
as 41002 telco query 'value = 203.0.113.9' 2>"$work/hidden" >/dev/null || true
grep -q "1 record you may not read" "$work/hidden" || fail "not told that something is hidden"
as 41003 telco query 'value = 203.0.113.10' 2>/dev/null >/dev/null && fail "AMBER shown to green clearance"
as 41002 telco query 'value = 203.0.113.10' >/dev/null || fail "AMBER not shown to red clearance"
code=0; as 41004 telco show "$id" -q >/dev/null 2>&1 || code=$?
[ $code = 3 ] || fail "an auditor reads bodies: exit code $code"
as 41004 telco audit log --json >/dev/null || fail "an auditor may not read the log"
code=0; as 41001 telco share indicator domain a.example --tlp green -q >/dev/null 2>&1 || code=$?
[ $code = 3 ] || fail "an analyst may share: exit code $code"
code=0; as 41099 telco status >/dev/null 2>&1 || code=$?
[ $code = 3 ] || fail "a user of the machine who is no operator: exit code $code"
code=0; as 41002 telco peer remove 'Banco Uno' --yes >/dev/null 2>&1 || code=$?
[ $code = 3 ] || fail "peer remove without an admin's key: exit code $code"
m telco audit log --limit 200 --json | grep '"type": "read"' >/dev/null || fail "reading RED is no event"
verify telco; verify bank
echo "RED to the person named, AMBER by clearance, roles"
