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
    equal "events at $1" "$(node "$1" stats --format json | gojq '[.rows[0] | .enrolled, .started, .active, .completed, .dropped, .certified, .attended] | map(. // 0) | add')" "$2"
}

streams_of() { # HOLDER NODE TOPIC
    stream_digests "$1" "$3" | grep -c "^$2 "
}

cells_of() { # HOLDER NODE
    node "$1" digest --json | gojq "[.streams[] | select(.node == \"$2\" and .topic == \"results\") | .count] | add"
}

beside=0 # events that only the hub sees
settled() { # EVENTS: campus, centre and hub hold the same and count the same
    in_step campus centre && in_step centre hub && events_at hub "$1" && events_at centre $(($1 - beside))
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

by_syncs() { # a machine that is started for a sync, and switched off
    local i
    for i in 1 2 3; do
        reboot campus && record campus "night$i" 70 && total=$((total + 70)) && node campus sync >/dev/null || return 1
    done
    equal "streams" "$(streams_of campus campus results)" 1 && eventually 20 events_at hub $total && node_start campus
}
check "three more, of a machine that is started for a sync each: they are counted in the living one too" by_syncs

# files_keep NAME, files_back NAME: the database files of a stopped node, as somebody copies them by hand.
files_keep() {
    node_stop "$1" && mkdir -p "$scratch/kept.$1" && cp -a "$scratch/$1"/qanat.db* "$scratch/kept.$1/" && node_start "$1"
}
files_back() {
    [ -z "${node_pid[$1]:-}" ] || node_stop "$1" || return 1
    rm -f "$scratch/$1"/qanat.db* && cp -a "$scratch/kept.$1"/qanat.db* "$scratch/$1/"
}

more() { # NAME PREFIX: 70 more results
    record "$1" "$2" 70 && total=$((total + 70))
}

centre_online_first() {
    files_keep campus && more campus lost1 && eventually 20 settled $total && files_back campus && node_start campus &&
        eventually 30 settled $total && more campus new1 && eventually 30 settled $total || return 1
    node campus doctor --json | gojq -e '[.. | .code? // empty] | index("ids_lost")' >/dev/null || { echo "doctor does not say that ids are lost"; return 1; }
    record campus lost1 70 && grep "^0 durable, 70 duplicate" "$scratch/lost1.said" && node campus result import --after-restore "$scratch/lost1.csv" | grep "^0 durable, 70" &&
        eventually 20 settled $total
}
check "a database file put back at a campus, online first: nothing is lost, nothing counted twice" centre_online_first

centre_offline_first() {
    files_keep campus && more campus lost2 && eventually 20 settled $total && files_back campus && more campus new2 &&
        node_start campus && eventually 30 settled $total && eventually 40 adopted
}
check "the same, and the campus records before it is online again" centre_offline_first

hub_back() {
    files_keep hub && more campus lost3 && eventually 20 settled $total && files_back hub && node_start hub &&
        eventually 30 settled $total && more campus new3 && eventually 30 settled $total
}
check "a database file put back at the hub: the nodes below bring back what it forgot" hub_back

knows() { # NAME OTHER
    node "$1" peer list | grep -q "^$2 "
}
hub_forgets_a_newcomer() {
    files_keep hub && node_make late training hub && node late person import "$scratch/people.csv" >/dev/null && node_start late &&
        more late late1 && eventually 30 in_step late hub && eventually 20 events_at hub $total && eventually 20 in_step centre hub && eventually 20 knows centre late && node_stop late &&
        files_back hub && more late late2 && node_start hub && node_start late && beside=140 && eventually 40 events_at hub $total && eventually 30 in_step late hub
}
check "the hub forgets a node that joined since: another node brings the roster, then its results are there" hub_forgets_a_newcomer

# The whole directory and the anchor, as a machine's snapshot has them.
anchor_of() { # NAME, running: the one file that its process holds open
    find "/proc/${node_pid[$1]}/fd" -lname '/dev/shm/qanat-*' -exec readlink {} \; | head -n 1
}
rolled_back() {
    local anchor
    anchor=$(anchor_of campus) && [ -n "$anchor" ] || { echo "no anchor is open"; return 1; }
    node_stop campus && mkdir "$scratch/snap" && cp -a "$(realpath "$scratch/campus")" "$scratch/snap/dir" && cp -a "$anchor" "$scratch/snap/anchor" &&
        node_start campus && more campus lost4 && eventually 20 settled $total && node_stop campus &&
        find "$scratch/campus/" -mindepth 1 -delete && cp -a "$scratch/snap/dir/." "$scratch/campus/" && cp -a "$scratch/snap/anchor" "$anchor" &&
        node_start campus && eventually 30 settled $total && more campus new4 && eventually 30 settled $total
}
check "a machine rolled back with its anchor, online first" rolled_back

own_backup() {
    node campus backup "$scratch/campus.backup" && more campus lost5 && eventually 20 settled $total && node_stop campus &&
        mv "$(realpath "$scratch/campus")" "$scratch/campus.gone" && rm -f "$scratch/campus" &&
        "$qanat" restore --dir "$scratch/campus" "$scratch/campus.backup" && node_start campus && eventually 30 settled $total &&
        more campus new5 && eventually 30 settled $total && eventually 40 adopted
}
check "a backup of ours restored: what was recorded since comes back from the centre" own_backup

# A copy of a data directory that lives beside the original.
alarm_at() { # NAME ABOUT
    node "$1" status --json | gojq -e ".alarms[] | select(.node == \"$2\" and .what == \"two_writers\")" >/dev/null || { node "$1" status; return 1; }
}
no_alarm_at() {
    ! alarm_at "$1" "$2" >/dev/null
}
copy_lives() {
    node_stop campus && cp -a "$(realpath "$scratch/campus")" "$scratch/copy" && rm -f "$scratch/copy/qanat.sock" && touch "$scratch/copy.log" || return 1
    local i
    for i in 1 2 3; do
        more campus "orig$i" && more copy "copy$i" && node campus sync && node copy sync || return 1
    done
    node_start campus && eventually 30 settled $total
}
check "a copy of the campus lives beside it: both machines' results count, once each" copy_lives
alarms_everywhere() {
    alarm_at hub campus && alarm_at centre campus && alarm_at campus campus && alarm_at late campus
}
check "the hub, the centre, the campus and a node that met neither machine raise the alarm" eventually 30 alarms_everywhere
alarms_shown() {
    node hub peer list | grep -q "campus.*ALARM" && node hub doctor --json | gojq -e '[.. | .code? // empty] | index("two_writers")'
}
check "peer list and doctor show it" alarms_shown

copy_rekeyed() {
    local token
    more copy unsaid || return 1 # recorded under the key that it gives up, and heard by nobody yet
    node_stop centre && ! node copy rekey "$(node centre invite --name twin --kind campus --country EG 2>/dev/null)" --timeout 5 >/dev/null 2>"$scratch/told" &&
        grep -q "count nowhere" "$scratch/told" && node_start centre || { cat "$scratch/told"; return 1; }
    token=$(node centre invite --name twin --kind campus --country EG 2>/dev/null) && node copy rekey "$token" >/dev/null && ln -sfn "$scratch/copy" "$scratch/twin" &&
        more twin twin1 && node twin sync && eventually 30 events_at hub $total && record twin copy1 70 && grep -q "^0 durable" "$scratch/copy1.said" &&
        node centre peer settle campus && eventually 30 no_alarm_at hub campus && eventually 30 no_alarm_at late campus && eventually 20 events_at hub $total
}
check "the copy gets keys of its own and is a node beside the other; the alarm is settled" copy_rekeyed

copied_in_a_change() { # what is asked for is the other one's next key
    local token
    node_stop campus && node campus key rotate >/dev/null && cp -a "$(realpath "$scratch/campus")" "$scratch/third" &&
        token=$(node centre invite --name third --kind campus --country EG 2>/dev/null) && node third rekey "$token" >/dev/null && node third sync >/dev/null || return 1
    eventually 20 knows hub third && equal "nodes at the hub" "$(node hub peer list --json | gojq -r '[.peers[] | select(.name == "third" or .name == "campus") | .id] | unique | length')" 2
}
check "a copy made while the other one asked for a new key gets one of its own" copied_in_a_change

finish
