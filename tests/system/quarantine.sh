#!/usr/bin/env bash
# quarantine.sh: one node's figures are set aside at every node, exactly, and count again. Real processes, totals before and after.
. "$(dirname "$0")/kit.sh"

events_at() { # NAME COUNT: figures of all kinds add up
    equal "events at $1" "$(node "$1" stats --format json | gojq '[.rows[0] | .enrolled, .started, .active, .completed, .dropped, .certified, .attended] | map(. // 0) | add')" "$2"
}

record() { # NAME PREFIX COUNT
    results_make "$scratch/$2.csv" "$2" "$3" 20 && node "$1" result import "$scratch/$2.csv" >/dev/null
}

made() {
    node_make hub hub && node_start hub && node_make centre national hub && node_start centre && people_make "$scratch/people.csv" 20 || return 1
    local name
    for name in honest broken; do
        node_make $name campus centre && node $name person import "$scratch/people.csv" >/dev/null && node_start $name || return 1
    done
    record honest h1 100 && record broken b1 300
    eventually 20 events_at hub 400 && eventually 20 events_at centre 400
}
check "a hub, a centre and two campuses: the figures of all are at the hub" made

rows_before=$(node hub stats --by node,gender,period --json | gojq -c .rows)
aside() {
    node centre peer quarantine broken --reason "three times as many results as people" && eventually 20 events_at centre 100 && eventually 20 events_at hub 100 &&
        eventually 20 events_at broken 0 && events_at honest 100
}
check "the centre sets one campus aside: exactly its figures are missing, at every node" aside

said() {
    node hub stats --json | gojq -e '.coverage.quarantined[0] | .node == "broken" and .by == "centre" and (.reason | length > 0)' &&
        node hub status --json | gojq -e '.quarantined[0].node == "broken"' && node hub status | grep "in quarantine: broken" &&
        node hub doctor --json | gojq -e '[.. | .code? // empty] | index("quarantined")' && node hub peer list | grep "broken.*in quarantine" &&
        node centre audit list | grep "peer quarantine broken"
}
check "stats, status, doctor, peer list and the audit log say it" said

lifted() {
    node centre peer release broken && eventually 20 events_at hub 400 && equal "rows" "$(node hub stats --by node,gender,period --json | gojq -c .rows)" "$rows_before" &&
        node centre peer quarantine broken && eventually 20 events_at hub 100
}
check "released, every row is what it was; and set aside again" lifted

goes_on() {
    record broken b2 50 && record honest h2 10 && eventually 20 events_at hub 110 && node broken sync && events_at hub 110
}
check "its results go on being taken, and are set aside too" goes_on

beside() {
    ! node honest peer quarantine broken 2>"$scratch/refused" && grep -q "not below this node" "$scratch/refused" && ! node broken peer release broken 2>/dev/null
}
check "a node beside it, and the node itself, have no say" beside

again() {
    node hub peer release broken && eventually 20 events_at hub 460 && eventually 20 events_at centre 460 && eventually 20 events_at broken 350
}
check "the hub releases it: everything counts again, what came meanwhile too" again

same() {
    node centre peer quarantine honest && eventually 20 events_at hub 350 && node centre peer release honest && eventually 20 events_at hub 460
}
check "the other one there and back" same

finish
