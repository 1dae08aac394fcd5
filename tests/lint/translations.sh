#!/usr/bin/env bash
# Spanish is complete: every message of the program, none fuzzy, formats alike.
set -u
cd "$(dirname "$0")/../.." || exit 1
exec po/update.sh --check
