#!/usr/bin/env bash
# What people type: exit codes, JSON that parses, Spanish, files in every accepted format, defanged
# input, what is refused and how it is said.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
code_of() { local code=0; "$@" >"$work/out" 2>"$work/err" || code=$?; echo $code; }
expect() { # expect CODE WORDS COMMAND...
	local want=$1 words=$2 got; shift 2
	got=$(code_of "$@")
	[ "$got" = "$want" ] || { cat "$work/err"; fail "exit code $got, expected $want: $*"; }
	[ -z "$words" ] || cat "$work/out" "$work/err" | grep -F -- "$words" >/dev/null || { cat "$work/out" "$work/err"; fail "not said: '$words': $*"; }
}
expect 5 "mallad --home" m nobody status
expect 2 "no such command" m nobody frobnicate
expect 2 "--sector" m bank init --org X --sector 'Not A Word' --no-passphrase
expect 2 "endpoint" m bank init --org X --sector bank --listen nonsense --no-passphrase
expect 3 "no terminal" setsid -w "$bin/malla" --home "$work/nokeys" init --org X --sector bank
found bank "Banco Uno" bank
expect 3 "already" m bank init --org X --sector bank --no-passphrase
start bank
expect 5 "another mallad" timeout 10 "$bin/mallad" --home "$work/bank"
expect 0 "" "$bin/mallad" --home "$work/bank" --check-config
echo 'listne = tcp://x:1' >>"$work/bank/config"
expect 4 "line 2, column 1" "$bin/mallad" --home "$work/bank" --check-config
sed -i '$d' "$work/bank/config"

cat >"$work/bundle.json" <<'J'
{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[
{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000002","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"c2","pattern":"[ipv4-addr:value = '192.0.2.33'] OR [domain-name:value = 'c2.example']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]},
{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000003","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","pattern":"[file:name = 'a.exe' AND file:hashes.'SHA-256' = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","object_marking_refs":["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"]},
{"type":"malware","spec_version":"2.1","id":"malware--00000000-0000-4000-8000-000000000004","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"thing","is_family":false,"object_marking_refs":["marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"]}]}
J
expect 0 '"understood": 2' m bank import "$work/bundle.json" -q --json
grep '"kept": 1' "$work/out" >/dev/null || fail "the malware object was not kept"
expect 0 c2.example m bank query 'type = domain' --csv
expect 0 '"tlp": "amber"' m bank query 'type = sha256' --json
expect 0 '"combine": "all"' m bank query 'type = sha256 and type = sha256' --json
expect 0 "2001:db8::1" bash -c "printf '# list\nhxxp://bad[.]example/x\n2001:DB8:0:0::1\nnot a value\n\n' >'$work/list.txt'; '$bin/malla' --home '$work/bank' import '$work/list.txt' --tlp clear --keep-going; '$bin/malla' --home '$work/bank' query 'type = ipv6'"
grep "list.txt:4" "$work/err" >/dev/null || fail "the refused line is not named: $(cat "$work/err")"
expect 3 "no-label" m bank import "$work/list.txt" -q --json
expect 4 "unexpected token" bash -c "echo '{\"a\":' >'$work/bad.json'; '$bin/malla' --home '$work/bank' import '$work/bad.json' --tlp green"
expect 4 "clear, green, amber" m bank query 'tlp <= ambr'
expect 1 "" m bank query 'value = nothing.example'
expect 1 "nobody" m bank query 'author = "nobody"'
expect 2 "" m bank show abc
expect 1 "not-found" m bank show 00000000
id=$(m bank query 'type = domain' --json | sed -n 's/^ *"id": "\([0-9a-f]\{64\}\)".*/\1/p' | head -n 1)
expect 0 '"outcome": "seen"' bash -c "'$bin/malla' --home '$work/bank' sighting $id seen -q >/dev/null && '$bin/malla' --home '$work/bank' query 'kind = sighting' --json"
for command in status card "peer list" "user list" "policy show" "audit log" "audit verify" "query" "show $id"; do
	# shellcheck disable=SC2086
	m bank $command --json | /usr/bin/python3 -c 'import json,sys; json.load(sys.stdin)' || fail "$command --json is no JSON"
done
expect 0 "autenticidad" m bank --lang es show "$id"
expect 5 "no se puede alcanzar el nodo" m nobody --lang es status
expect 0 'policy "default"' m bank policy show
expect 4 "" m bank peer add /dev/null --yes
expect 2 "unknown option" m bank query --frobnicate
expect 3 "" m bank user remove root
[ "$(count bank 'kind = indicator' )" -ge 4 ] || fail "records are missing"
m bank status | cat -v | grep '\^\[' && fail "colours where there is no terminal"
verify bank
echo "exit codes, JSON, Spanish, files and their faults"
