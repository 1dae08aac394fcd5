#!/usr/bin/env bash
# `malla policy check` and `malla policy test`: examples pass, what is wrong is said by line and column with
# the exit code of the manual page, lists are read in either form; no node is asked.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
examples=$PWD/examples/policies
policy() { # policy CODE ARGS...: both streams into $work/out
	local wanted=$1 code=0
	shift
	"$bin/malla" --home "$work/nobody" policy "$@" >"$work/out" 2>&1 || code=$?
	[ "$code" = "$wanted" ] || { cat "$work/out"; fail "malla policy $*: exit code $code instead of $wanted"; }
}
said() { grep -qF -- "$1" "$work/out" || { cat "$work/out"; fail "not said: $1"; }; }

for file in "$examples"/*.policy; do
	policy 0 check "$file"; policy 0 test "$file"
done
cp "$examples"/bank.policy "$examples"/top-sites.txt "$work"
cd "$work"

# an expectation that is not met: 1, and which rule decided
sed 's/expect  share feed/expect  hold(2) personal/' bank.policy >other.policy
policy 1 test other.policy
said 'other.policy:33: test "a sure indicator goes to the community, and nowhere else": expected hold(2) personal, and it is share feed (line 13)'
policy 0 check other.policy
policy 1 --json test other.policy
/usr/bin/python3 - <<'P' || fail "the JSON is not what it should be"
import json
file, = json.load(open("out"))
assert file["valid"] and file["tests"] == 6 and len(file["hash"]) == 64
missed = [e for e in file["expectations"] if not e["met"]]
assert [(e["line"], e["expected"], e["decided"], e["rule_line"]) for e in missed] == [
    (33, "hold(2) personal", "share feed", 13)], missed
P

# several errors in one run, each at its place; 4
sed 's/^  share   feed /  shre    feed /; s/kind = sighting/kind = sightings/' bank.policy >wrong.policy
policy 4 check wrong.policy
said 'wrong.policy:13:3: found `shre`'
said 'did you mean `share`?'
said 'wrong.policy:17:'
said 'did you mean `sighting`?'
policy 4 test wrong.policy
policy 4 --json check wrong.policy
/usr/bin/python3 -c 'import json; f, = json.load(open("out")); assert not f["valid"] and f["errors"][0]["line"] == 13' || fail "JSON of errors"

# lists: missing, not a list, a warning list of MISP, and one that is not the one that was meant
mv top-sites.txt kept.txt
policy 4 check bank.policy
said 'bank.policy:6: top-sites.txt:'
printf 'fine.example\nno\001value\n' >top-sites.txt
policy 4 check bank.policy
said 'line 2'
echo '{"type": "hostname", "list": ["example.com", ".example.org"], "name": "n"}' >top-sites.txt
policy 0 test bank.policy
echo '{"type": "regex", "list": ["x"]}' >top-sites.txt
policy 4 check bank.policy
said 'regex'
echo '{"type": "cidr", "list": ["192.0.2.0/24", 5]}' >top-sites.txt
policy 4 check bank.policy
said 'list[1]'
cp kept.txt top-sites.txt
sed "s/\"top-sites.txt\"/\"top-sites.txt\" = $(printf '0%.0s' $(seq 64))/" bank.policy >meant.policy
policy 4 check meant.policy
said 'not the list whose hash'

# three errors in one run, each with its place, its line, a caret as wide as what stands there, and what was expected; 4; in
# either language
cat >three.policy <<'P'
policy "three"
define trusted = client
outbound {
  share   feed where kind = indicator and tlp <= ambr to trusted
  hold(0) personal where type = phone
}
test "t" {
  record kind = note
  to "x"
  expect allow
}
P
cat >first <<'P'
three.policy:4:50: found `ambr`, expected a TLP label: clear, green, amber, amber+strict, red
    share   feed where kind = indicator and tlp <= ambr to trusted
                                                   ^^^^
  did you mean `amber`?
P
LC_ALL=C.UTF-8 policy 4 check three.policy
diff first <(head -n 4 out) || fail "another first error"
said 'three.policy:5:8: found `0`, expected how many approvers: 1 to 9'
said '    hold(0) personal where type = phone'
said 'three.policy:10:10: found `allow`, expected what is to happen: share, hold, redact, deny'
/usr/bin/python3 - <<'P' || fail "the carets"
lines = open("out").read().split("\n")
heads = [i for i, line in enumerate(lines) if line.startswith("three.policy:")]
assert len(heads) == 3, lines
for i in heads:
    name, line, column, words = lines[i].split(":", 3)
    source, caret = lines[i + 1], lines[i + 2]
    assert source[2:] == open("three.policy").read().split("\n")[int(line) - 1], source
    assert caret.index("^") == 2 + int(column) - 1 and "expected" in words
    assert source[caret.index("^"):len(caret)] == words.split("`")[1]
P
LC_ALL=C.UTF-8 policy 4 --lang es check three.policy
said 'three.policy:4:50: hay `ambr`, se esperaba una etiqueta TLP'
said 'three.policy:5:8: hay `0`, se esperaba cuántos aprobadores: de 1 a 9'
said 'three.policy:10:10: hay `allow`, se esperaba lo que ha de ocurrir: share, hold, redact, deny'

# a file that is not there; nothing to judge
policy 1 check nothing.policy
policy 2 check
export LC_ALL=C.UTF-8
"$bin/malla" --lang es policy test bank.policy 2>&1 | grep -q expectativas || fail "no Spanish"
policy 4 --lang es check wrong.policy
said '¿quiso decir `share`?'
said 'se esperaba'
echo "examples, errors, lists in both forms, expectations, exit codes"
