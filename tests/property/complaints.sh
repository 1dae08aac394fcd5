#!/usr/bin/env bash
# complaints.sh: every place in policy/ that complains is reached by tests/unit/policy_errors_test.c: compiled anew with counters.
# Not asked: where memory runs out, and the room for the texts of tests, four times the file, which no canonical form needs.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
bin=${MALLA_BIN:?MALLA_BIN names the build folder}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
sources=$(ls policy/*.c)
flags="-std=c11 -D_POSIX_C_SOURCE=200809L -O0 -g -I$PWD -I$bin/gen -w"
libs="-lsodium -lcrypto -lmsgpackc -lidn2 -lunistring -lcheck -lsubunit -lm -lpthread -lrt"
# shellcheck disable=SC2086
(cd "$work" && for file in $sources tests/unit/policy_errors_test.c; do
	gcc $flags $(case $file in policy/*) echo --coverage ;; esac) -c "$OLDPWD/$file" -o "$(basename "$file" .c).o"; done
for file in scan grammar privacy; do gcc $flags -c "$bin/gen/policy/$file.c" -o "$file.o"; done
gcc --coverage -o errors_test ./*.o "$bin"/libwire.a "$bin"/libcrypto.a "$bin"/libbase.a $libs
CK_FORK=no ./errors_test >errors.out || { cat errors.out; exit 1; }
gcov -r -s "$OLDPWD" ./*.gcda >gcov.out 2>&1)
reached=0 bad=0
# a call, with how often it was made
while IFS=: read -r file count line text; do
	case $text in *ERR_MEMORY* | *'err_text(err), NULL'* | *no_memory* | *'the tests are too long'*) continue ;; esac
	case $count in *'#####'* | *-) echo "$file:${line// /}: no test reaches this: $text"; bad=1 ;; *) reached=$((reached + 1)) ;; esac
done < <(cd "$work" && for file in *.c.gcov; do
	sed -nE 's/^ *([^:]+): *([0-9]+):(.*)$/\1:\2:\3/p' "$file" |
		grep -E '^[^:]+:[0-9]+:.*[^a-z_](complain(_[a-z]+)?|no_memory)\(' | sed "s|^|policy/${file%.gcov}:|" || true; done |
	grep -vE ':[0-9]+:(complain[a-z_]*|no_memory|static)')
[ $reached -ge 60 ] || { echo "only $reached places found"; exit 1; }
[ $bad = 0 ] && echo "$reached places in policy/ that complain, each reached by a test that knows its words"
exit $bad
