#!/usr/bin/env bash
# The manual pages are well formed.
set -u
cd "$(dirname "$0")/../.." || exit 1
mandoc -T lint -W warning docs/man/*.[18] || exit 1
echo "$(ls docs/man/*.[18] | wc -l) manual pages, no complaint of mandoc"
