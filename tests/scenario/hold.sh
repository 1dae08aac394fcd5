#!/usr/bin/env bash
# What is held waits in a queue; who wrote it does not release it; another person does, and it arrives.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || { echo "SKIPPED: other users need root"; exit 77; }
found bank "Banco Uno" bank; found telco "Telco Dos" telecom
for who in bank telco; do start $who; done
befriend bank telco
# other people of this machine, who reach the node's socket and their own key and nothing else
chmod 0711 "$work"
as() { local uid=$1; shift; setpriv --reuid "$uid" --regid "$uid" --clear-groups env MALLA_LOCALE_DIR="$MALLA_LOCALE_DIR" "$bin/malla" --home "$work/bank" "$@"; }
m bank user add eva --uid 54321 --roles approver --clearance amber --no-passphrase -q >/dev/null
m bank user add rui --uid 54322 --roles analyst --clearance amber --no-passphrase -q >/dev/null

id=$(m bank share indicator phone +525555550100 --tlp amber --to "Telco Dos" --purpose fraude --basis "art. 21" -q)
sleep 1
[ "$(count telco 'type = phone')" = 0 ] || fail "a held record left"
m bank queue --json >"$work/queue.json"
grep -q '"needed": 1' "$work/queue.json" && grep -q "$id" "$work/queue.json" || fail "the queue: $(cat "$work/queue.json")"
code=0; m bank approve "$id" --note "mine" -q 2>"$work/err" || code=$?
[ $code = 3 ] || fail "the author released his own record: exit code $code"
code=0; m bank approve "$id" -q 2>/dev/null || code=$?
[ $code = 2 ] || fail "without a note: exit code $code"
code=0; as 54322 approve "$id" --note "not my role" -q 2>/dev/null || code=$?
[ $code = 3 ] || fail "an analyst released it: exit code $code"
m bank audit log --limit 5 --json | grep '"rui"' >/dev/null || fail "the attempt of an analyst is not written down"
[ "$(count telco 'type = phone')" = 0 ] || fail "it left all the same"
as 54321 approve "$id" --note "asked the owner of the number" -q || fail "an approver could not release it"
wait_for telco 'type = phone' 1
m bank audit log --limit 20 --json | grep '"approval"' >/dev/null || fail "no leaf about the approval"
code=0; m bank queue >/dev/null || code=$?
[ $code = 1 ] || fail "the queue is not empty: exit code $code"

# what is rejected stays
id=$(m bank share indicator phone +525555550101 --tlp amber --to "Telco Dos" --purpose fraude --basis "art. 21" -q)
as 54321 reject "$id" --note "a customer of ours" -q
code=0; as 54321 approve "$id" --note "on second thoughts" -q 2>/dev/null || code=$?
[ $code = 1 ] || fail "what was rejected is still in the queue: exit code $code"
sleep 1
[ "$(count telco 'type = phone')" = 1 ] || fail "a rejected record left"

# who is removed loses his connection at once, and can do nothing with the next one
setpriv --reuid 54321 --regid 54321 --clear-groups /usr/bin/python3 - "$work/bank" >"$work/cut" <<'PY' &
import select, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(sys.argv[1] + "/api.sock")
print("open", flush=True)
print("cut" if select.select([s], [], [], 20)[0] and s.recv(64) == b"" else "still open", flush=True)
PY
cutter=$!
for _ in $(seq 100); do grep -q open "$work/cut" && break; sleep 0.1; done
m bank user remove eva -q
wait "$cutter" || fail "no connection as another user"
grep -q '^cut$' "$work/cut" || fail "the connection of who was removed: $(cat "$work/cut")"
code=0; as 54321 status >/dev/null 2>&1 || code=$?
[ $code = 3 ] || fail "who was removed still gets answers: exit code $code"
verify bank; verify telco
echo "held, released by another, rejected"
