#!/usr/bin/env bash
# forget.sh: nodes that forgot: reboots, a raw database file put back at a centre and at the hub, a machine rolled back, a backup restored, clones, lost
# disks, a lost hub. Real processes, exact totals before and after.
. "$(dirname "$0")/kit.sh"

# reboot NAME: the node is stopped and starts where no anchor is known, as after a reboot.
declare -A boots
reboot() {
    local at="$scratch/$1" n
    boots[$1]=$((${boots[$1]:-0} + 1))
    n=$at.boot${boots[$1]}
    [ -z "${node_pid[$1]:-}" ] || node_stop "$1" || return 1
    mv "$(realpath "$at")" "$n" && ln -sfn "$n" "$at"
}

record() { # NAME PREFIX COUNT
    results_make "$scratch/$2.csv" "$2" "$3" 40
    node "$1" result import "$scratch/$2.csv" >"$scratch/$2.said" 2>&1 || { cat "$scratch/$2.said"; return 1; }
}

in_step() { # A B: both hold the same results of everyone both may hold; the hub's digest list restricted to what A holds
    local a b
    a=$(stream_digests "$1" results) && b=$(stream_digests "$2" results)
    [ -n "$a" ] || return 1
    [ "$(echo "$b" | grep -Fxc -f <(echo "$a"))" = "$(echo "$a" | wc -l)" ] || { diff <(echo "$a") <(echo "$b"); return 1; }
}

events_at() { # NAME COUNT: figures of all kinds add up
    equal "events at $1" "$(node "$1" stats --format json | jq '[.rows[0] | .enrolled, .started, .active, .completed, .dropped, .certified, .attended] | map(. // 0) | add')" "$2"
}

streams_of() { # HOLDER NODE TOPIC
    stream_digests "$1" "$3" | grep -c "^$2 "
}

cells_of() { # HOLDER NODE
    node "$1" digest --json | jq "[.streams[] | select(.node == \"$2\" and .topic == \"results\") | .count] | add"
}

settled() { # EVENTS: campus, centre and hub hold the same and count the same
    in_step campus centre && in_step centre hub && events_at hub "$1" && events_at centre "$1"
}

tiers_make() {
    node_make hub hub && node_start hub && node_make centre national hub && node_start centre && node_make campus campus centre &&
        people_make "$scratch/people.csv" 40 && node campus person import "$scratch/people.csv" >/dev/null && node_start campus
}
check "a hub, a centre and a campus run" tiers_make

total=0
restarts() {
    local i
    for i in 1 2 3 4 5 6; do
        record campus "boot$i" 70 && total=$((total + 70)) || return 1
        eventually 20 settled $total || return 1
        reboot campus && node_start campus || return 1
    done
    record campus after 70 && total=$((total + 70)) && eventually 20 settled $total
}
check "six reboots between imports: every total is exact" restarts

adopted() {
    equal "streams at the hub" "$(streams_of hub campus results)" 1 && equal "streams at the campus" "$(streams_of campus campus results)" 1 &&
        equal "cells" "$(cells_of hub campus)" "$(cells_of campus campus)" && settled $total
}
check "the closed incarnations are counted in the living one: one stream is left, everywhere" eventually 30 adopted

finish
