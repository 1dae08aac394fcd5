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

# a file that is not there; nothing to judge
policy 1 check nothing.policy
policy 2 check
export LC_ALL=C.UTF-8
"$bin/malla" --lang es policy test bank.policy 2>&1 | grep -q expectativas || fail "no Spanish"
policy 4 --lang es check wrong.policy
said '¿quiso decir `share`?'
said 'se esperaba'
echo "examples, errors, lists in both forms, expectations, exit codes"
