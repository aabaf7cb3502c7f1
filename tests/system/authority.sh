#!/usr/bin/env bash
# authority.sh: the presidency rotates: another node becomes the hub while all run, the authority is handed on k of n, a hub is lost for good and another
# takes its place. Real processes, exact totals before and after.
. "$(dirname "$0")/kit.sh"

record() { # NAME PREFIX COUNT
    results_make "$scratch/$2.csv" "$2" "$3" 40
    node "$1" result import "$scratch/$2.csv" >"$scratch/$2.said" 2>&1 || { cat "$scratch/$2.said"; return 1; }
}

events_at() { # NAME COUNT: figures of all kinds add up
    equal "events at $1" "$(node "$1" stats --format json | jq '[.rows[0] | .enrolled, .started, .active, .completed, .dropped, .certified, .attended] | map(. // 0) | add')" "$2"
}

member_is() { # AT NAME FIELD WANTED: what the roster says of a node there
    equal "$3 of $2 at $1" "$(node "$1" peer list --json | jq -r ".peers[] | select(.name == \"$2\") | .$3")" "$4"
}

total=0
more() { # NAME PREFIX: 70 more results
    record "$1" "$2" 70 && total=$((total + 70))
}

# hub - north, south - campus (below south)
federation_make() {
    local i
    node_make hub hub && node_start hub && node_make north national hub KE && node_start north && node_make south national hub NG && node_start south &&
        node_make campus campus south NG && node_start campus && people_make "$scratch/people.csv" 40 || return 1
    for i in north south campus; do
        node $i person import "$scratch/people.csv" >/dev/null && more $i "first-$i" || return 1
    done
    eventually 20 events_at hub $total
}
check "a hub, two centres and a campus run" federation_make
key=$scratch/hub/authority.key

# --- another hub, while all run ---
promoted() {
    stream_digests hub results >"$scratch/before"
    node north promote north --key "$key" >"$scratch/promote.out" 2>&1 || { cat "$scratch/promote.out"; return 1; }
    eventually 20 events_at north $total && eventually 20 member_is campus north kind hub
}
check "a centre becomes the hub: every figure comes up to it" promoted
same_digests() {
    stream_digests "$1" results >"$scratch/after"
    diff "$scratch/before" "$scratch/after"
}
check "its result streams are those that the hub had, digest for digest" eventually 20 same_digests north
uplink_of() { # NAME WANTED: where it stands now
    equal "above $1" "$(node "$1" status --json | jq -r '.peers[] | select(.state == "in_step") | .node' | grep -Fx "$2")" "$2"
}
check "the other centre dials the new hub" eventually 20 uplink_of south north
check "the former hub dials the new hub" eventually 20 uplink_of hub north

finish
