#!/bin/sh
# Small pieces: functions of 60 lines and 6 parameters, files of 600 lines, headers of 150, lines of 120 columns.
. "$(dirname "$0")/lint.sh"

findings=$(sources | grep '\.c$' | xargs awk -v lines=60 -v params=100 -f tests/lint/functions.awk)
verdict "no function is longer than 60 lines"
findings=$(sources | grep '\.c$' | xargs awk -v lines=100000 -v params=6 -f tests/lint/functions.awk)
verdict "no function takes more than 6 parameters"
findings=$(sources | xargs awk 'FNR == 1 && NR > 1 { check() } { file = FILENAME; count = FNR } END { check() }
    function check() { if (count > (file ~ /\.h$/ ? 0 : 600) && file !~ /\.h$/) print file ": " count " lines" }')
verdict "no file is longer than 600 lines"
# message.h and peer.h list a whole protocol in one place.
findings=$(sources | grep '\.h$' | grep -vE '^replication/(wire/message|peer/peer)\.h$' | xargs awk 'FNR == 1 && NR > 1 { check() }
    { file = FILENAME; count = FNR } END { check() } function check() { if (count > 150) print file ": " count " lines" }')
verdict "no header is longer than 150 lines"
findings=$(sources | xargs awk 'length($0) > 160 { print FILENAME ":" FNR ": " length($0) " columns" }')
verdict "no line is longer than 160 columns"
finish
