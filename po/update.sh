#!/usr/bin/env bash
# update.sh: take the messages out of the sources and merge them into es.po.
# update.sh --check: fail if one is missing, fuzzy or untranslated.
set -eu
cd "$(dirname "$0")/.."
pot=$(mktemp); trap 'rm -f "$pot"' EXIT
common="--from-code=UTF-8 --no-location --omit-header --language=C --join-existing -o $pot"
: >"$pot"
# shellcheck disable=SC2086
{
	xgettext $common --keyword=_ --keyword=N_ cli/*.c
	xgettext $common --keyword=_ --keyword=N_ policy/*.c
	xgettext $common --keyword=X:4 wire/reason.h policy/ceiling.h
	xgettext $common --keyword=X:3 base/err.h wire/record.h wire/request.h
	# what the readers of foreign files say of a line: the last text of a call
	xgettext $common --keyword=drafts_fail:3 --keyword=drafts_refuse:4 --keyword=drafts_warn:3 --keyword=complain:2 formats/*.c
} 2>/dev/null
if [ "${1:-}" = --check ]; then
	msgcmp --use-untranslated po/es.po "$pot" 2>/dev/null || true
	missing=$(msgcmp po/es.po "$pot" 2>&1 | grep -c 'not defined\|untranslated\|fuzzy' || true)
	[ "$missing" = 0 ] || { msgcmp po/es.po "$pot" 2>&1 | head -n 40; echo "$missing messages without Spanish"; exit 1; }
	msgfmt --check -o /dev/null po/es.po
	echo "$(grep -c '^msgid' "$pot") messages, all in Spanish"
else
	msgmerge --quiet --update --backup=none --no-fuzzy-matching po/es.po "$pot"
fi
