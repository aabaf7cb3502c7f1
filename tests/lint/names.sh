#!/bin/sh
# Names say what a thing is: no drawers for odds and ends, no typedef'd structs, snake_case files.
. "$(dirname "$0")/lint.sh"

findings=$(find replication node schema tests conf -name node_modules -prune -o \( -type f -o -type d \) -print | grep -E '(^|/)(utils?|common|misc|helpers?|manager|stuff)([._]|$)')
verdict "nothing is called utils, common, misc, helpers or manager"
findings=$(sources | xargs grep -nE '^typedef (struct|union|enum)( [a-z_]+)?( \{|$| [a-z_]+;)')
verdict "structs, unions and enums are not hidden behind typedefs"
findings=$(sources | grep -E '[A-Z-]')
verdict "C files are named in snake_case"
findings=$(sources | grep '\.h$' | while read -r file; do
    guard="QANAT_$(printf '%s' "$file" | sed -e 's,^replication/,,' -e 's,^node/,NODE_,' -e 's,[/.-],_,g' | tr a-z A-Z)"
    grep -q "^#ifndef $guard\$" "$file" || echo "$file: guard is not $guard"
done)
verdict "header guards follow the path"
findings=$(sources | grep '\.h$' | while read -r file; do
    head -n 1 "$file" | grep -qE "^/\* $(basename "$file"): " || echo "$file: does not open with what it is"
done)
verdict "every header opens with what it is"
findings=$(sources | xargs grep -nE '(^|[^A-Za-z_])(TODO|FIXME|XXX|HACK)([^A-Za-z_]|$)')
verdict "nothing is left as a TODO"
findings=$(sed -n 's/.*\(tests\/[a-z/_]*\.sh\).*/\1/p' tests/local.mk tests/*/local.mk 2>/dev/null | sort -u | while read -r file; do
    case $(head -c 2 "$file") in '#!') [ -x "$file" ] || echo "$file: cannot be run" ;; esac
done)
verdict "test scripts can be run"
machine='/(work|root)/|/tmp/wt'
findings=$(grep -rnE --exclude-dir=node_modules "$machine" replication node schema conf tests README.md quickstart .ci configure.ac Makefile.am 2>/dev/null | grep -v '^tests/lint/names.sh' | grep -v 'Binary file')
verdict "no path of a single machine is named"
finish
