#!/usr/bin/env bash
# `malla policy fmt` and `malla policy new`: canonical layout, comments kept, files with errors left alone; templates that pass
# their own tests, with the lists that they name; no node is asked.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
examples=$PWD/examples/policies
cd "$work"
policy() { # policy CODE ARGS...: stdout into out, stderr into errors
	local wanted=$1 code=0
	shift
	"$bin/malla" --home "$work/nobody" policy "$@" >out 2>errors || code=$?
	[ "$code" = "$wanted" ] || { cat out errors; fail "malla policy $*: exit code $code instead of $wanted"; }
}

# every example stands in canonical layout, and is a template
templates=0
for file in "$examples"/*.policy; do
	name=$(basename "$file" .policy)
	policy 0 fmt --check "$file"
	policy 0 fmt "$file"; cmp -s "$file" out || fail "$name: fmt changes it"
	policy 0 new --template "$name"; cmp -s "$file" out || fail "$name: not its template"
	mkdir -p "new/$name"
	policy 0 new --template "$name" -o "new/$name/mine.policy"
	policy 0 test "new/$name/mine.policy"
	templates=$((templates + 1))
done
[ $templates = 5 ] || fail "$templates templates"
cmp -s "$examples/top-sites.txt" new/bank/top-sites.txt || fail "the bank's list is not beside it"
[ ! -e new/none/top-sites.txt ] || fail "a list that nobody names"
policy 2 new --template bank -o new/bank/mine.policy
grep -q 'not written over' errors || fail "not said that it is there"
policy 2 new --template shop
grep -q 'bank, government, none, telco, university' errors || fail "not said which there are"
policy 2 new

# layout: columns, comments in their places, breaks kept, one empty line
printf '%s\n' '# head' '' '' 'policy   "p"' 'community a   # ours' 'outbound{ # out' '' \
	'hold(  2 )long-name where   type in(phone ,email)' '# between' 'share x where kind=note and' ' not  tlp = green to member( a )' \
	'share y to   anybody # all' 'deny z } inbound {accept from anybody' 'refuse rest}' 'retain { erase where created<now   -90d}' \
	'test "t" { record kind=note,tlp=green' 'to "x",member=a' 'expect deny z(rule)}' >messy.policy
cat >wanted.policy <<'P'
# head

policy "p"
community a  # ours
outbound {  # out
  hold(2) long-name  where type in (phone, email)
  # between
  share   x          where kind = note and
      not tlp = green to member(a)
  share   y          to anybody  # all
  deny    z
}
inbound {
  accept from anybody
  refuse rest
}
retain {
  erase where created < now - 90d
}
test "t" {
  record  kind = note, tlp = green
  to      "x", member = a
  expect  deny z (rule)
}
P
policy 0 fmt messy.policy
diff wanted.policy out || fail "another layout"
policy 1 fmt --check messy.policy wanted.policy
[ "$(cat out)" = messy.policy ] || fail "--check names $(cat out)"
policy 1 --json fmt --check messy.policy wanted.policy
/usr/bin/python3 -c 'import json
a, b = json.load(open("out"))
assert a["valid"] and not a["canonical"] and b["canonical"] and a["text"] == b["text"] == open("wanted.policy").read()' || fail "JSON"
chmod 640 messy.policy
policy 0 fmt -w messy.policy wanted.policy
[ "$(cat out)" = messy.policy ] || fail "-w names $(cat out)"
cmp -s messy.policy wanted.policy || fail "-w wrote something else"
[ "$(stat -c %a messy.policy)" = 640 ] || fail "-w changed the permissions"
policy 0 fmt --check messy.policy

# what cannot be read is left alone
printf 'policy "p"\noutbound { shre x }\n' >wrong.policy
cp wrong.policy before
policy 4 fmt -w wrong.policy
cmp -s wrong.policy before || fail "a file with errors was written"
grep -qF 'wrong.policy:2:12: found `shre`' errors || { cat errors; fail "the error is not said"; }
policy 4 fmt --check wrong.policy messy.policy
printf 'policy    "p"\n' >plain.policy; ln -s plain.policy link.policy
policy 2 fmt -w link.policy
[ -L link.policy ] || fail "a link was written over"
policy 1 fmt nothing.policy
policy 2 fmt
policy 2 fmt -w --check messy.policy
echo "$templates templates, canonical layout, comments and breaks kept, errors leave the file alone"
