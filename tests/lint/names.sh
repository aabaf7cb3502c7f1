#!/bin/sh
# Names say what a thing is: no drawers for odds and ends, no typedef'd structs, snake_case files.
. "$(dirname "$0")/lint.sh"

findings=$(find replication node schema tests conf -name node_modules -prune -o \( -type f -o -type d \) -print | grep -E '(^|/)(utils?|common|misc|helpers?|manager|stuff)([._]|$)')
verdict "nothing is called utils, common, misc, helpers or manager"
findings=$(sources | xargs grep -nE '^typedef (struct|union|enum)( [a-z_]+)?( \{|$| [a-z_]+;)')
verdict "structs, unions and enums are not hidden behind typedefs"
findings=$(sources | grep -E '[A-Z-]')
verdict "C files are named in snake_case"
headers=$(sources | grep '\.h$')
# shellcheck disable=SC2086
findings=$(grep -n '^#ifndef QANAT_' $headers | awk -F: -v headers="$headers" '
    { has[$1, substr($3, 9)] = 1 }
    END {
        count = split(headers, file, "\n")
        for (i = 1; i <= count; i++) {
            guard = file[i]
            sub(/^replication\//, "", guard)
            sub(/^node\//, "NODE_", guard)
            gsub(/[\/.-]/, "_", guard)
            guard = "QANAT_" toupper(guard)
            if (!((file[i], guard) in has)) { print file[i] ": guard is not " guard }
        }
    }')
verdict "header guards follow the path"
# shellcheck disable=SC2086
findings=$(awk 'FNR == 1 {
        count = split(FILENAME, part, "/")
        if (index($0, "/* " part[count] ": ") != 1) { print FILENAME ": does not open with what it is" }
    }' $headers)
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
