#!/usr/bin/env bash
# Redaction, amendment and dispute between real nodes: a telecom gets what a bank gets without its text; a new version takes the
# place of the old one, and of its redaction, also where it comes first; a dispute is shown on both sides until it is answered.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
found cert "CERT Uno" government; found bank "Banco Dos" bank; found telco "Telco Tres" telecom
for who in cert bank telco; do start $who; done
befriend cert bank; befriend cert telco
look() { # look WHO ID EXPRESSION: of what show says of it
	m "$1" show "$2" --json | /usr/bin/python3 -c "import json,sys; r=json.load(sys.stdin); print(($3))"
}
until_is() { # until_is WHO ID EXPRESSION VALUE
	for _ in $(seq 300); do [ "$(look "$1" "$2" "$3" 2>/dev/null)" = "$4" ] && return 0; sleep 0.1; done
	fail "$1: $3 is $(look "$1" "$2" "$3") and not $4"
}
first_id() { m "$1" query "$2" --json | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])'; }
refused() { # refused CODE WHO ARGS...
	local wanted=$1 code=0
	shift
	m "$@" >"$work/out" 2>&1 || code=$?
	[ "$code" = "$wanted" ] || { cat "$work/out"; fail "malla $*: exit code $code instead of $wanted"; }
}
cat >"$work/cert.policy" <<'POLICY'
policy "CERT Uno"
outbound {
  redact names (description, label) to sector(telecom)
  share  full to sector(bank)
}
inbound {
  accept all
}
POLICY
m cert policy set "$work/cert.policy" -q >/dev/null

# redaction: the bank gets the record, the telecom what is left of it
id=$(m cert share indicator domain evil.example --tlp green --confidence 80 --label fraud --text 'seen by operator Marta' -q)
wait_for bank 'value = evil.example' 1; wait_for telco 'value = evil.example' 1
[ "$(first_id bank 'value = evil.example')" = "$id" ] || fail "the bank did not get the original"
[ "$(m bank query --count 'kind = indicator')" = 1 ] || fail "the bank got more than the original"
redaction=$(first_id telco 'value = evil.example')
[ "$redaction" != "$id" ] || fail "the telecom got the original"
look telco "$redaction" 'r["derived"]["id"], r["derived"]["tlp"], r["confidence"], r.get("text"), r.get("labels")' |
	grep -F "('$id', 'green', 80, None, None)" >/dev/null || fail "the redaction: $(m telco show "$redaction")"
stop telco; grep -qa 'operator Marta' "$work"/telco/store.db* && fail "the telecom's store holds the text"
start telco
stop cert; start cert
sleep 1
[ "$(m cert query --count 'value = evil.example')" = 2 ] || fail "the redaction was made again"

# amendment: in force on all nodes, the redaction's too
new=$(m cert amend "$id" --confidence 95 --text 'seen by the whole team' -q)
until_is bank "$id" 'r["versions"][-1]["state"]' in-force
until_is bank "$id" 'r["versions"][0]["state"]' superseded
[ "$(first_id bank 'value = evil.example and kind = indicator')" = "$new" ] || fail "the bank's query gives the old version"
[ "$(look bank "$new" 'r["kind"], r["amends"], r["confidence"], r["labels"]')" = "('indicator', '$id', 95, ['fraud'])" ] ||
	fail "the amendment: $(m bank show "$new")"
until_is telco "$redaction" 'r["versions"][0]["state"], r["versions"][-1]["state"]' "('superseded', 'in-force')"
[ "$(m telco query --count 'value = evil.example')" = 1 ] || fail "the telecom's query gives two versions"
[ "$(m telco query 'value = evil.example' --json | grep -c '"confidence": 95')" = 1 ] || fail "the redaction was not amended"
refused 4 bank amend "$id" --confidence 1
grep -q 'wrong-author' "$work/out" || fail "it was not said why"

# an amendment before its target: the university gets the new version from the CERT, the old one later from the bank
old=$(m cert share indicator domain late.example --tlp clear -q)
wait_for bank 'value = late.example' 1
stop bank
late=$(m cert amend "$old" --severity high -q)
cat >>"$work/cert.policy" <<'POLICY'
# and everything to universities
POLICY
sed -i 's/share  full to sector(bank)/share  full to sector(bank)\n  share  open to sector(university)/' "$work/cert.policy"
found uni "Universidad Cuatro" university; start uni
befriend cert uni
m cert policy set "$work/cert.policy" -q >/dev/null
wait_for uni 'value = late.example' 1
until_is uni "$late" 'r["versions"][-1]["state"]' waiting
stop uni; start uni
until_is uni "$late" 'r["versions"][-1]["state"]' waiting
stop cert; start bank; befriend bank uni
until_is uni "$old" 'r["versions"][0]["state"], r["versions"][-1]["state"]' "('superseded', 'in-force')"
[ "$(m uni query --count 'value = late.example')" = 1 ] || fail "the university's query gives two versions"
start cert
until_is bank "$old" 'r["versions"][-1]["id"]' "$late"

# dispute: shown on both sides until the author answers
dispute=$(m bank dispute "$late" --reason false-positive --text 'our own honeypot' -q)
until_is cert "$late" '[(d["name"], d["reason"], d["answered"]) for d in r["disputed"]]' "[('Banco Dos', 'false-positive', False)]"
until_is bank "$late" 'len(r["disputed"])' 1
m cert show "$late" | grep -q 'disputed by Banco Dos: false-positive' || fail "the page does not show the dispute"
m cert query 'value = late.example' --json | grep -q '"disputed": 1' || fail "the query does not count the dispute"
m cert dispute "$dispute" --reason other --text 'checked twice: it is none of yours' -q >/dev/null
until_is bank "$late" 'r["disputed"][0]["answered"]' True
until_is cert "$late" 'r["disputed"][0]["answered"]' True
for who in cert bank telco uni; do verify $who; done
echo "redactions for whom they are, versions in force everywhere, disputes on both sides"
