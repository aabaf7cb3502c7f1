#!/usr/bin/env bash
# again.sh: data is lost and the same files are imported again: before the first contact, after it, with new rows in them, at a restored node, at one that
# is built anew with its key, and at one that follows another. Real processes; every total is exact each time.
. "$(dirname "$0")/kit.sh"

total=0
people=40
events_at() { # NAME COUNT: figures of all kinds add up
    equal "events at $1" "$(node "$1" stats --format json | gojq '[.rows[0] | .enrolled, .started, .active, .completed, .dropped, .certified, .attended] | map(. // 0) | add')" "$2"
}
import() { # NAME PREFIX WHAT WAS SAID
    node "$1" result import "$scratch/$2.csv" >"$scratch/said.$2" 2>&1
    grep -q "^$3" "$scratch/said.$2" || { cat "$scratch/said.$2"; return 1; }
}
record() { # NAME PREFIX COUNT: new results
    results_make "$scratch/$2.csv" "$2" "$3" $people && import "$1" "$2" "$3 durable, 0 duplicate" && total=$((total + $3))
}
settled() {
    local name
    for name in hub centre campus; do
        events_at $name "$1" && equal "registered at $name" "$(total $name registered)" $people || return 1
    done
}
rows() {
    node hub stats --by period,gender,course --json | gojq -c .rows
}
files_keep() {
    node_stop campus && rm -rf "$scratch/kept" && mkdir "$scratch/kept" && cp -a "$scratch/campus"/qanat.db* "$scratch/kept/" && node_start campus
}
files_back() { # and nothing runs
    [ -z "${node_pid[campus]:-}" ] || node_stop campus || return 1
    rm -f "$scratch/campus"/qanat.db* && cp -a "$scratch/kept"/qanat.db* "$scratch/campus/"
}

made() {
    node_make hub hub && node_start hub && node_make centre national hub && node_start centre && node_make campus campus centre &&
        people_make "$scratch/people.csv" $people && node campus person import "$scratch/people.csv" >/dev/null && node_start campus && record campus a 70 &&
        eventually 20 settled $total
}
check "a campus below a centre below a hub" made

sealed_together() {
    local period said=()
    for period in 2019-01 2019-02 2019-03; do
        said=()
        for _ in 1 2 3 4; do node centre seal $period >/dev/null 2>>"$scratch/seals" & said+=($!); done
        for _ in "${said[@]}"; do wait "$_" || { cat "$scratch/seals"; return 1; }; done
    done
}
check "a month that four people seal at once is sealed, and all are told" sealed_together

before_contact() {
    local rows
    files_keep && record campus b 140 && eventually 20 settled $total && rows=$(rows) && files_back && import campus b "140 durable" &&
        import campus b "0 durable, 140 duplicate" && record campus new1 70 && node_start campus && eventually 30 settled $total && import campus b "0 durable, 140 duplicate" &&
        eventually 20 settled $total || return 1
    record campus after1 70 && eventually 20 settled $total
    [ -n "$rows" ]
}
check "a database put back, and the files imported again before the centre is met: counted once" before_contact

after_contact() {
    files_keep && record campus c 140 && eventually 20 settled $total && files_back && node_start campus && eventually 30 settled $total || return 1
    awk 'NR == 1 || NR > 100' "$scratch/c.csv" >"$scratch/part.csv" && node campus result import "$scratch/part.csv" | grep "^0 durable, 41 duplicate" || return 1
    results_make "$scratch/d.csv" d 30 $people && { cat "$scratch/c.csv"; tail -n +2 "$scratch/d.csv"; } >"$scratch/grown.csv" &&
        node campus result import "$scratch/grown.csv" | grep "^30 durable, 140 duplicate" && total=$((total + 30)) && eventually 20 settled $total
}
check "the same after it, in parts, and in a file that has grown" after_contact

rows_are() {
    equal rows "$(rows)" "$1"
}
scores() { # figures that are not counts
    local before
    before=$(rows) && files_keep && record campus e 280 && eventually 20 settled $total && before=$(rows) && files_back && import campus e "280 durable" && node_start campus &&
        eventually 30 settled $total && eventually 10 rows_are "$before"
}
check "minutes, scores and people are what they were, in every row" scores

restored() {
    node campus backup "$scratch/campus.backup" && record campus f 70 && eventually 20 settled $total && node_kill campus && rm -rf "$scratch/campus" &&
        "$qanat" restore --dir "$scratch/campus" "$scratch/campus.backup" && import campus f "70 durable" && record campus g 70 && node_start campus &&
        eventually 30 settled $total && import campus f "0 durable, 70 duplicate" && eventually 20 settled $total
}
check "a backup restored, files imported again first" restored

twice() { # put back twice to the same state, with imports in between each time
    files_keep && record campus h 70 && eventually 20 settled $total && files_back && import campus h "70 durable" && node_start campus && eventually 30 settled $total &&
        files_back && import campus h "70 durable" && node_start campus && eventually 30 settled $total && import campus h "0 durable, 70 duplicate" && eventually 20 settled $total
}
check "put back twice to the same state" twice

bulk() {
    local left
    files_keep && record campus big 6000 && eventually 20 settled $total && files_back && import campus big "6000 durable" && node_start campus && eventually 30 settled $total &&
        files_back && node_start campus && eventually 30 settled $total || return 1
    awk 'NR != 5' "$scratch/big.csv" >"$scratch/other.csv" && ! node campus result import "$scratch/other.csv" 2>"$scratch/refused" && grep -q -- "--after-restore" "$scratch/refused" || return 1
    settled $total && import campus big "0 durable, 6000 duplicate" && settled $total && left=$total && record campus bulk2 5000 && eventually 20 settled $((left + 5000))
}
check "a large file: known again as a whole, in doubt nothing is counted and the command says what to do" bulk

with_key() {
    local token file
    cp "$scratch/campus/node.key" "$scratch/kept.key" && node_kill campus && rm -rf "$scratch/campus" && token=$(node centre invite --replaces campus 2>/dev/null) &&
        "$qanat" join --dir "$scratch/campus" --key "$scratch/kept.key" --listen "tcp://127.0.0.1:${node_port[campus]}" "$token" >/dev/null &&
        node campus person import "$scratch/people.csv" >/dev/null && import campus a "70 durable" && node_start campus && eventually 30 settled $total || return 1
    for file in a b c d e f g h new1 after1 big; do
        node campus result import "$scratch/$file.csv" | grep "^0 durable" || { echo "$file"; return 1; }
    done
    record campus i 70 && eventually 20 settled $total
}
check "built anew with its key: people and all files again, before and after the first contact" with_key

without_key() {
    local token file
    node_kill campus && rm -rf "$scratch/campus" && token=$(node centre invite --replaces campus 2>/dev/null) &&
        "$qanat" join --dir "$scratch/campus" --listen "tcp://127.0.0.1:${node_port[campus]}" "$token" >/dev/null &&
        node campus person import "$scratch/people.csv" >/dev/null && import campus b "140 durable" && node_start campus && eventually 30 settled $total || return 1
    for file in a b c d e f g h i new1 after1 big bulk2; do
        node campus result import "$scratch/$file.csv" | grep "^0 durable" || { echo "$file"; return 1; }
    done
    record campus j 70 && eventually 20 settled $total
}
check "followed by another identity: the same" without_key

finish
