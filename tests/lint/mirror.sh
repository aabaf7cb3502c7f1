#!/bin/sh
# tests/ mirrors the rooms: each module has a test of its own name. Orphans are listed and the list may only shrink.
. "$(dirname "$0")/lint.sh"

list=tests/lint/orphans.txt
orphans() {
    find replication node -name '*.c' | grep -v '^node/main.c$' | sort | while read -r file; do
        [ -f "tests/${file%.c}_test.c" ] || echo "$file"
    done
}
if [ "${1:-}" = --orphans ]; then
    grep '^#' "$list"
    orphans
    exit
fi
findings=$(orphans | while read -r file; do
    grep -qxF "$file" "$list" || echo "$file: has no tests/${file%.c}_test.c"
done)
verdict "every module has its test, or is a listed orphan"
findings=$(grep -v '^#' "$list" | while read -r file; do
    [ -f "$file" ] || echo "$file: is gone, take it off $list"
    [ ! -f "tests/${file%.c}_test.c" ] || echo "$file: has a test now, take it off $list"
done)
verdict "the list of orphans holds orphans only"
built=$(cat tests/replication/local.mk tests/node/local.mk | tr -s ' \t\\' '\n' | grep '_test\.c$')
findings=$(find tests/replication tests/node -name '*_test.c' | sort | grep -vxF "$built" | sed 's,$,: is not built by any local.mk,')
verdict "every test file is built and run"
findings=$(for room in replication node schema conf tests; do
    [ -f $room/README.md ] || echo "$room: has no README.md"
    find $room -mindepth 1 -maxdepth 1 -type d ! -name corpus | grep -E '^(replication|node)/|^tests/(sim|model|fuzz|system|bench|lint|browser)$' | while read -r sub; do
        [ -f "$sub/README.md" ] || echo "$sub: has no README.md"
    done
done)
verdict "every room says what lives there"
findings=$(find replication node schema conf tests -name node_modules -prune -o -name README.md -print | while read -r file; do
    grep -qF "$file" Makefile.am ./*/local.mk ./*/*/local.mk || echo "$file: is not in EXTRA_DIST"
done)
verdict "what the rooms say goes into the tarball"
named=$(cat ./*/local.mk ./*/*/local.mk | tr -s ' \t\\' '\n' | grep '\.h$')
findings=$(find replication node tests -name node_modules -prune -o -name '*.h' -print | sort | grep -vxF "$named" | sed 's,$,: no local.mk names it: the tarball would lack it,')
verdict "so do all headers"
finish
