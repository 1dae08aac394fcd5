#!/usr/bin/env bash
# A node that accepts no inbound connection is a full peer: one link carries both directions, also
# while the other side keeps trying an endpoint that nobody answers.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
found bank "Banco Uno" bank
m telco init --org "Telco Dos" --sector telecom --endpoint "tcp://127.0.0.1:$(free_port)" --no-passphrase -q >/dev/null
m uni init --org "Universidad Tres" --sector university --no-passphrase -q >/dev/null
for who in bank telco uni; do start $who; done
befriend bank telco; befriend bank uni
m telco share indicator domain out.example --tlp green -q >/dev/null
wait_for bank 'value = out.example' 1 60
m bank share indicator domain in.example --tlp green -q >/dev/null
wait_for telco 'value = in.example' 1 60
wait_for uni 'value = in.example' 1 60
m uni share indicator domain uni.example --tlp clear -q >/dev/null
# forwarded by the bank, since it is CLEAR: the telco and the university do not know each other
wait_for telco 'value = uni.example' 1 60
m telco show "$(m telco query 'value = uni.example' --json | sed -n 's/^ *"id": "\([0-9a-f]*\)".*/\1/p' | head -n 1)" --json >"$work/show.json"
grep '"origin": "good"' "$work/show.json" >/dev/null || fail "a forwarded record is not authentic: $(cat "$work/show.json")"
grep '"name": "Banco Uno"' "$work/show.json" >/dev/null || fail "it did not come from the bank"
# it stays connected: the endpoint that nobody answers does not tear the session down
sleep 12
since=$(field bank '[p["connected_since"] for p in s["peers"] if p["name"] == "Telco Dos"][0]')
sleep 5
[ "$(field bank '[p["state"] for p in s["peers"] if p["name"] == "Telco Dos"][0]')" = open ] || fail "not connected any more"
[ "$(field bank '[p["connected_since"] for p in s["peers"] if p["name"] == "Telco Dos"][0]')" = "$since" ] || fail "the session flaps"
for who in bank telco uni; do verify $who; done
echo "no inbound connection, both directions; forwarding"
