#!/usr/bin/env bash
# A community of real nodes: GREEN goes from member to member, and nobody else gets a record or learns who belongs to it;
# who is put out gets nothing from the next decision on; relations hold where both have signed; a grant widens what it names.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
found bank "Banco Uno" bank; found telco "Telco Dos" telecom; found cert "CERT Tres" government
for who in bank telco cert; do start $who; done
befriend bank telco; befriend telco cert; befriend bank cert
community() { # community WHO EXPRESSION: of the first community that it lists
	m "$1" community list --json | /usr/bin/python3 -c "import json,sys; c=json.load(sys.stdin); print($2)"
}
until_is() { # until_is WHO EXPRESSION VALUE
	for _ in $(seq 300); do [ "$(community "$1" "$2")" = "$3" ] && return 0; sleep 0.1; done
	fail "$1: $2 is $(community "$1" "$2") and not $3"
}
refused() { # refused CODE WHO ARGS...
	local wanted=$1 code=0
	shift
	m "$@" >"$work/out" 2>&1 || code=$?
	[ "$code" = "$wanted" ] || { cat "$work/out"; fail "malla $*: exit code $code instead of $wanted"; }
}

# two of three; the third learns neither of it nor of what is said in it
id=$(m bank community create fin-mx --member "Telco Dos" -q)
[ ${#id} = 64 ] || fail "no id: $id"
until_is telco 'len(c)' 1
until_is telco 'sorted(o["name"] for o in c[0]["members"])' "['Banco Uno', 'Telco Dos']"
m bank share indicator domain first.example --tlp green --to fin-mx -q >/dev/null
wait_for telco 'value = first.example' 1
m bank share indicator domain marker.example --tlp clear -q >/dev/null
wait_for cert 'value = marker.example' 1
[ "$(count cert 'value = first.example')" = 0 ] || fail "a record of the community reached somebody else"
[ "$(count cert 'kind = charter')" = 0 ] || fail "the charter reached somebody else"
[ "$(community cert 'len(c)')" = 0 ] || fail "somebody else knows the community"
refused 1 cert share indicator domain x.example --tlp green --to fin-mx
refused 3 telco community admit fin-mx "CERT Tres"
grep -q 'only a steward' "$work/out" || fail "it was not said why"
refused 3 bank community admit fin-mx "Telco Dos"

# admitted; then from member to member, where author and recipient do not know each other
m bank community admit fin-mx "CERT Tres" -q >/dev/null
until_is cert '[x["serial"] for x in c]' '[2]'
until_is telco 'c[0]["members_count"]' 3
m bank peer remove "CERT Tres" --yes -q; m cert peer remove "Banco Uno" --yes -q
m bank share indicator domain second.example --tlp green --to fin-mx -q >/dev/null
wait_for cert 'value = second.example' 1
m cert show "$(m cert query 'value = second.example' --json | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')" --json |
	grep '"distribution": "good"' >/dev/null || fail "it did not come by a way that it may"

charter=$(m cert query 'kind = charter' --json | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')
m cert show "$charter" --json | /usr/bin/python3 -c '
import json, sys
r = json.load(sys.stdin)
assert r["serial"] == 2 and r["threshold"] == 1 and r["tlp"] == "amber+strict", r
assert sorted(o["name"] for o in r["members"]) == ["Banco Uno", "CERT Tres", "Telco Dos"], r["members"]' || fail "the charter"

# put out: nothing from the next decision on
m bank community remove fin-mx "CERT Tres" -q >/dev/null
until_is telco 'c[0]["serial"]' 3
m bank share indicator domain third.example --tlp green --to fin-mx -q >/dev/null
wait_for telco 'value = third.example' 1
m bank share indicator domain after.example --tlp clear -q >/dev/null
wait_for cert 'value = after.example' 1
[ "$(count cert 'value = third.example')" = 0 ] || fail "who was put out got a record"

# GREEN that names nobody stays where its author sent it, until a grant lets it go on
m bank share indicator domain stays.example --tlp green -q >/dev/null
wait_for telco 'value = stays.example' 1
befriend bank cert
m bank relation grant "Telco Dos" --tlp green --to "CERT Tres" --valid-until 2030-01-01 -q
wait_for cert 'relation = grant' 1
wait_for telco 'relation = grant' 1
m bank peer remove "CERT Tres" --yes -q; m cert peer remove "Banco Uno" --yes -q
m bank share indicator domain goes-on.example --tlp green -q >/dev/null
wait_for cert 'value = goes-on.example' 1
m bank relation end grant "Telco Dos" -q
wait_for telco 'relation.state = ended' 1
m bank share indicator domain stays-too.example --tlp green -q >/dev/null
m bank share indicator domain last.example --tlp clear -q >/dev/null
wait_for cert 'value = last.example' 1
[ "$(count cert 'value = stays-too.example')" = 0 ] || fail "a grant outlived its end"

# AMBER that names the telco goes on to its client, once both have signed and where its policy says so
cat >"$work/telco.policy" <<'P'
policy "to clients and to the community"
community fin-mx
outbound {
  share named   to audience
  share fellows where tlp <= green to member(fin-mx)
  share clients where tlp <= amber to client
}
inbound { accept all }
P
m telco policy set "$work/telco.policy" -q || fail "a policy that names a community"
amber() { # amber VALUE: from the bank for the telco
	m bank share indicator domain "$1" --tlp amber --to "Telco Dos" -q >/dev/null
	wait_for telco "value = $1" 1
}
amber nobody.example
m cert relation add client-of "Telco Dos" -q
wait_for telco 'relation = client-of' 1
m telco relation list | grep 'one side only' >/dev/null || fail "one side made a client"
amber one-side.example
m bank share indicator domain between.example --tlp clear --to "Telco Dos" -q >/dev/null
m telco share indicator domain told.example --tlp clear --to "CERT Tres" -q >/dev/null
wait_for cert 'value = told.example' 1
[ "$(count cert 'value in (nobody.example, one-side.example)')" = 0 ] || fail "AMBER went on to whom only one side calls a client"
m telco relation add provider-of "CERT Tres" -q
wait_for cert 'relation = client-of' 2
m cert relation list --json | /usr/bin/python3 -c '
import json, sys
both = [r for r in json.load(sys.stdin) if r["relation"] == "client-of"]
assert len(both) == 2 and all(r["is_mutual"] for r in both), both' || fail "both sides did not make a client"
amber both-sides.example
wait_for cert 'value = both-sides.example' 1
wait_for cert 'value = one-side.example' 1 # what had waited for it
m telco relation end provider-of "CERT Tres" -q
wait_for cert 'relation.state = ended' 2
amber ended.example
m telco share indicator domain told-again.example --tlp clear --to "CERT Tres" -q >/dev/null
wait_for cert 'value = told-again.example' 1
[ "$(count cert 'value = ended.example')" = 0 ] || fail "AMBER went on after the end"
refused 1 telco relation add client-of "Nadie"

# what was signed outlives the node
m telco community leave fin-mx -q
until_is bank 'c[0]["members_count"]' 1
stop bank; start bank
[ "$(community bank 'c[0]["members_count"]')" = 1 ] || fail "the node forgot who left"
for who in bank telco cert; do verify $who; done
echo "members, charters, relations and grants of three nodes"
