#!/usr/bin/env bash
# templates.sh FILE...: the files as C, for cli/policy_template.h.
set -eu -o pipefail
echo '#include "cli/policy_template.h"'
n=0
for file in "$@"; do
	printf '\nstatic const unsigned char file_%d[] = {\n' "$n"
	od -An -v -tx1 "$file" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
	printf '};\n'
	n=$((n + 1))
done
printf '\nconst struct policy_template policy_template_files[] = {\n'
n=0
for file in "$@"; do
	printf '    {"%s", file_%d, sizeof(file_%d)},\n' "$(basename "$file")" "$n" "$n"
	n=$((n + 1))
done
printf '};\nconst size_t policy_template_count = %d;\n' "$n"
