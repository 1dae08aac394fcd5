#!/usr/bin/env bash
# What a node puts in quarantine is receipted, shown nowhere and sent to nobody until an approver releases it;
# refused, it is erased and never taken again.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
said() { grep -qF -- "$1" "$work/out" || { cat "$work/out"; fail "not said: $1"; }; }
code() { # code CODE WHO ARGS...: both streams into $work/out
	local wanted=$1 found=0
	shift
	m "$@" >"$work/out" 2>&1 || found=$?
	[ "$found" = "$wanted" ] || { cat "$work/out"; fail "malla $*: exit code $found instead of $wanted"; }
}
found a "Banco del Norte" bank; found b "CERT Centro" government; found c "Caja Popular" bank
start a; start b; start c
befriend a b; befriend b c
cat >"$work/b.policy" <<'P'
policy "looks twice"
outbound {
  share all to anybody
}
inbound {
  quarantine odd where value under odd.example
  accept rest
}
P
m b policy set "$work/b.policy" --note "looks twice" -q >"$work/out" 2>&1 || { cat "$work/out"; fail "policy set"; }

m a share indicator domain good.example --tlp clear -q >/dev/null
m a share indicator domain one.odd.example --tlp clear -q >/dev/null
m a share indicator domain two.odd.example --tlp clear -q >/dev/null
wait_for c 'type = domain' 1
for _ in $(seq 100); do [ "$(m b quarantine list --json 2>/dev/null | grep -c '"id"' || true)" -ge 2 ] && break; sleep 0.1; done

# receipted as stored, but in no answer
[ "$(count b 'type = domain')" = 1 ] || fail "what is in quarantine is counted"
code 0 b query 'type = domain' --json
grep -q 'odd.example' "$work/out" && fail "what is in quarantine is shown"
code 0 b query --quarantined --json
said 'one.odd.example'
code 0 b quarantine list
said 'one.odd'; said 'two.odd'
code 1 a quarantine list
first=$(m b query 'value = "one.odd.example"' --quarantined --json | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')
second=$(m b query 'value = "two.odd.example"' --quarantined --json | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')
code 0 b show "$first"
said 'in quarantine'
[ "$(count c 'type = domain')" = 1 ] || fail "what is in quarantine went on"

# released it goes on; refused it is gone
code 2 b quarantine release "$first"
code 0 b quarantine release "$first" --note "asked the author"
wait_for c 'value = "one.odd.example"' 1
code 0 b quarantine refuse "${second:0:12}" --note "not ours"
said 'refused and erased'
code 1 b show "$second"
code 1 b quarantine list
code 1 b quarantine release "$first" --note "again"
[ "$(count b 'type = domain')" = 2 ] || fail "B shows $(count b 'type = domain') of 2"
[ "$(count c 'type = domain')" = 2 ] || fail "C has $(count c 'type = domain') of 2"
stop b; start b
[ "$(count b 'type = domain')" = 2 ] || fail "B shows $(count b 'type = domain') of 2 after a start"
code 0 b audit log --limit 200
said 'quarantine'; said 'asked the author'
for who in a b c; do verify "$who"; done
echo "quarantine: kept, released, refused"
