#!/usr/bin/env bash
# A person's data: found wherever it stands and whoever was sent it, erased from every file of the home, not brought
# back by an older copy; a legal hold stops all of it; retention erases by the policy.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
said() { grep -qF -- "$1" "$work/out" || { cat "$work/out"; fail "not said: $1"; }; }
code() { # code CODE WHO ARGS...: both streams into $work/out
	local wanted=$1 found=0
	shift
	m "$@" >"$work/out" 2>&1 || found=$?
	[ "$found" = "$wanted" ] || { cat "$work/out"; fail "malla $*: exit code $found instead of $wanted"; }
}
id_of() { m "$1" query "$2" --json | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])'; }
found a "Banco del Norte" bank; found b "CERT Centro" government
start a; start b; befriend a b
mail=persona.7731@correo.example
printf '# Aviso\n\nEscriba a %s o llame al +52 55 5555-0177.\n' "$mail" >"$work/aviso.md"
# the privacy gate holds it: what waits for an approver is erased too
m a share note "$work/aviso.md" --tlp green --label "$mail" --ask-approver -q >/dev/null
m a share indicator email "$mail" --tlp green --purpose "fraud prevention" --basis "consent" -q >/dev/null
m a share indicator domain kept.example --tlp green -q >/dev/null
wait_for b 'value = "kept.example"' 1
note=$(id_of a "kind = note"); indicator=$(id_of a "value = \"$mail\"")

# where it stands, however it is written, and who has it
code 0 a person "$mail"
said "$note"; said "$indicator"
code 0 a person "PERSONA.7731@CORREO.example" --json -q
/usr/bin/python3 - "$work/out" "$note" "$indicator" <<'P' || fail "the JSON of person"
import json, sys
text = open(sys.argv[1]).read()
rows = {row["id"]: row for row in json.JSONDecoder().raw_decode(text)[0]}
assert set(rows) == {sys.argv[2], sys.argv[3]}, rows
assert rows[sys.argv[2]]["where"] == ["text"] and rows[sys.argv[3]]["where"] == ["observable"], rows
assert all("went_to" in row for row in rows.values())
P
code 0 a person "52 5555550177"
said "$note"
code 1 a person "nobody at all"
if m b person "$mail" >"$work/out" 2>&1; then said 'came from'; fi

# a hold stops it, and says which
code 0 a hold add "$note" --reason "expediente 12/2026"
code 0 a hold add 'type = email' --reason "expediente 13/2026"
code 0 a hold list
said 'expediente 12/2026'; said 'type = email'
code 3 a erase "$note" --reason "solicitud 4711"
said 'legal hold 1'
code 3 a erase "$indicator" --reason "solicitud 4711" --dry-run
said 'legal hold 2'
code 0 a hold remove 1 --reason "closed"; code 0 a hold remove 2 --reason "closed"
code 1 a hold list

# everywhere before, nowhere after; an older copy brings nothing back
stop a; cp "$work/a/store.db" "$work/older"; start a
grep -rqaF "$mail" "$work/a" || fail "it is not there before"
code 0 a erase "$note" "$indicator" --reason "solicitud 4711" --dry-run
said 'would be erased'
code 0 a show "$note"
code 0 a erase "$note" "$indicator" --reason "solicitud 4711"
said 'erased'
grep -rqaF "$mail" "$work/a" && fail "it is still in: $(grep -rlaF "$mail" "$work/a")"
grep -rqaF "5555-0177" "$work/a" && fail "the number is still in: $(grep -rlaF 5555-0177 "$work/a")"
code 1 a person "$mail"; code 1 a show "$note"
verify a
stop a; cp "$work/older" "$work/a/store.db"; rm -f "$work/a/store.db-wal" "$work/a/store.db-shm"
grep -qaF "$mail" "$work/a/store.db" || fail "the older copy has it not"
"$bin/mallad" --home "$work/a" >>"$work/a.log" 2>&1 & pids[a]=$!
for _ in $(seq 200); do grep -qaF "$mail" "$work/a/store.db" "$work/a/store.db-wal" 2>/dev/null || break; sleep 0.05; done
grep -qaF "$mail" "$work/a/store.db" && fail "an older copy brought it back"
stop a || true
echo "erase: found, held, erased, not brought back"
