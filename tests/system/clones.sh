#!/usr/bin/env bash
# clones.sh: a machine is copied while a closed stream of its node waits to be adopted, and both adopt it before either hears of the other; one of the two is
# thrown away. Real processes, exact totals.
. "$(dirname "$0")/kit.sh"
mounted=()
trap '[ "${#mounted[@]}" -eq 0 ] || umount -l "${mounted[@]}"; cleanup' EXIT

declare -A total
federation="" # which of the federations below
at() { echo "$federation-$1"; }

record() { # NAME PREFIX [COURSES]: 70 more results in each of so many courses
    local course
    for course in $(seq "${3:-1}"); do
        results_make "$scratch/$2-$course.csv" "$2-$course" 70 40 "c$course"
        node "$(at "$1")" result import "$scratch/$2-$course.csv" >"$scratch/$2.said" 2>&1 || { cat "$scratch/$2.said"; return 1; }
        total[$federation]=$((${total[$federation]:-0} + 70))
    done
}

figure() { # NAME
    node "$(at "$1")" stats --format json | gojq '[.rows[0] | .enrolled, .started, .active, .completed, .dropped, .certified, .attended] | map(. // 0) | add'
}

events_at() { # NAME: all that was recorded, once each
    equal "events at $1" "$(figure "$1")" "${total[$federation]}"
}

told() { # NAME...: each comes in step with the hub
    local name
    for name in "$@"; do
        node "$(at "$name")" sync || return 1
    done
}

# The same by a node that runs and is killed before it looks after its streams: one that is started for a sync adopts what it can, and tells that too.
told_and_gone() {
    local name
    for name in "$@"; do
        name=$(at "$name")
        node_start "$name" && node "$name" sync && node_kill "$name" || return 1
    done
}

disk_mount() { # IMAGE NAME: the node's directory is the one on that disk
    mkdir "$1.at" && mount -o loop "$1" "$1.at" && mounted+=("$1.at") && mkdir -p "$1.at/node" && ln -sfn "$1.at/node" "$scratch/$(at "$2")"
}

centre_make() { # COURSES: recorded in each 70 results, and told
    node_make "$(at hub)" hub && node_start "$(at hub)" && node_make "$(at centre)" national "$(at hub)" && people_make "$scratch/people.csv" 40 &&
        node "$(at centre)" person import "$scratch/people.csv" >/dev/null && record centre "$federation-before" "$1" && told centre && events_at hub
}

# A centre whose whole disk is copied while it is switched off. No anchor speaks for the databases afterwards, so each machine begins an incarnation of its
# own; and by nothing could the copy know that it is one.
federation_make() { # FEDERATION COURSES
    federation=$1
    local disk=$scratch/$1.disk
    truncate -s 48M "$disk" && mkfs.ext4 -q "$disk" && disk_mount "$disk" centre && centre_make "$2" && umount "$disk.at" &&
        unset 'mounted[-1]' && cp "$disk" "$disk.copy" && mv "$disk" "$disk.same" && rmdir "$disk.at" && disk_mount "$disk.same" centre && disk_mount "$disk.copy" copy
}

adopts() { # NAME: alone, with nobody in reach
    touch "$scratch/$(at "$1").log"
    node_start "$(at "$1")" && eventually 10 grep -q event=incarnations_adopted "$scratch/$(at "$1").log" && node_stop "$(at "$1")"
}

both_adopt() {
    node_stop "$(at hub)" && adopts centre && adopts copy && node_start "$(at hub)"
}

# story NAME HEARD...: both record and are heard in this order, both adopt, and all goes on.
story() {
    check "$1: a hub, a centre, and a copy of its machine" federation_make "$1" 1
    shift
    first() {
        record centre "$federation-one" && record copy "$federation-two" && told_and_gone "$@" && events_at hub
    }
    check "$federation: both machines record, and tell the hub" first "$@"
    check "$federation: each adopts what was closed, while the hub is away" both_adopt
    once() {
        told centre copy centre copy && events_at hub
    }
    check "$federation: the hub counts all of it, once" once
    goes_on() {
        record centre "$federation-three" && record copy "$federation-four" && told centre copy centre copy && events_at hub && events_at centre && events_at copy
    }
    check "$federation: and what both record afterwards" goes_on
    node_stop "$(at hub)"
}

# The copy takes the other's living stream for one of its own past.
story past centre copy
# The other way round: the copy is heard first, and comes to the original before that was heard.
story turned copy centre copy

# --- each knows the other for another machine, and what was closed is so large that it waits ---

check "a hub, a centre with much behind it, and a copy of its machine" federation_make large 20

large_told() {
    record centre large-one && record copy large-two && told_and_gone centre copy && record centre large-three && told_and_gone centre copy && events_at hub
}
check "both machines record, and tell the hub" large_told

large_adopted() {
    record centre large-four 20 && record copy large-five 20 && both_adopt
}
check "each adopts what was closed, while the hub is away" large_adopted

large_told_again() {
    told centre copy centre copy && events_at hub && events_at centre && events_at copy
}
check "the hub counts all of it, once" large_told_again

node_stop "$(at hub)"

# --- the machine that was to give up what both adopted is thrown away ---

check "a hub, a centre, and a copy of its machine" federation_make gone 1

incarnations() { node "$(at "$1")" digest --json | gojq -r '.streams[] | select(.topic == "results" and .node == "gone-centre") | .incarnation' | sort; }
declare -A living
gone_told() {
    local before
    before=$(incarnations hub)
    record centre gone-one && living[centre]=$(incarnations centre | grep -vx "$before") && record copy gone-two && living[copy]=$(incarnations copy | grep -vx "$before") &&
        equal "living streams" "$(wc -w <<<"${living[*]}")" 2 && told_and_gone centre copy && events_at hub
}
check "both machines record, and tell the hub" gone_told
if [[ ${living[centre]} > ${living[copy]} ]]; then lost=centre left=copy; else lost=copy left=centre; fi # who sorts behind gives up (adoption.h)

gone_adopt() {
    both_adopt && told $lost $left
}
check "each adopts what was closed, and tells the hub; then one is heard no more" gone_adopt

gone_doubled() {
    equal "events at the hub" "$(figure hub)" $((total[gone] + 70)) && node gone-hub doctor --json | gojq -e '[.. | .code? // empty] | index("figures_doubled")' &&
        node gone-hub status | grep "the figures of gone-centre counts twice" && node gone-hub status --json | gojq -e '.alarms[] | select(.what == "figures_doubled") | .node == "gone-centre"'
}
check "what was before the copy counts twice, and the hub says so" gone_doubled

gone_settled() {
    node gone-hub peer settle gone-centre && node_start "$(at $left)" && eventually 20 events_at hub && events_at $left || return 1
    if node gone-hub doctor --json | gojq -e '[.. | .code? // empty] | index("figures_doubled")'; then return 1; fi
}
check "somebody says that one machine is left: it counts once" gone_settled

gone_goes_on() {
    record $left gone-three && eventually 20 events_at hub && node_stop "$(at $left)" &&
        record $lost gone-four && told $lost && node_start "$(at $left)" && eventually 20 events_at hub && told $lost && events_at hub && events_at $lost
}
check "and so does all that comes later, even from the one that was believed lost" gone_goes_on

# --- a copy on another machine, while the original goes on where it was; then it is thrown away ---
node_stop "$(at hub)" && node_stop "$(at $left)"

late_make() {
    federation=late
    centre_make 1 && cp -a "$scratch/late-centre" "$scratch/late-copy"
}
check "a hub, a centre, and a copy of its data directory" late_make

late_copy() {
    touch "$scratch/late-copy.log"
    record copy late-two && told copy && node_start late-copy && sleep 2.5 && node_stop late-copy && events_at hub || return 1
    if grep "event=incarnations_adopted topic=results" "$scratch/late-copy.log"; then return 1; fi
}
check "the copy knows that it is on another machine, and takes nothing over that the original may go on with" late_copy

late_original() {
    node_stop "$(at hub)" && record centre late-three && node_start "$(at hub)" && told centre && events_at hub && record centre late-four && told centre && events_at hub && events_at centre
}
check "what the original recorded meanwhile, and records later, counts although the copy is heard no more" late_original

finish
