#!/usr/bin/env bash
# kill -9 at random moments of import and sync, at every tier: nothing acknowledged is lost, nothing is counted twice, no step by hand.
# QANAT_KILLS says how often (default 40), QANAT_SEED which moments.
. "$(dirname "$0")/kit.sh"
kills=${QANAT_KILLS:-40}
RANDOM=${QANAT_SEED:-$$}
echo "# QANAT_SEED=${QANAT_SEED:-$$}"

tiers_start() {
    node_make hub hub "" CN && node_start hub && node_make centre national hub && node_start centre && node centre sync &&
        node_make campus campus centre && node_start campus && node campus sync && people_make "$scratch/people.csv" 200 &&
        node campus person import "$scratch/people.csv"
}
check "hub, centre and campus run" tiers_start

# Imports one file until it was taken whole; a node that was killed meanwhile is started again by the other loop.
import_through() {
    local try
    for try in $(seq 60); do
        node campus result import "$1" >>"$scratch/import.log" 2>&1 && return 0
        sleep 0.2
    done
    tail -n 5 "$scratch/import.log"
    return 1
}

waits_for_a_command() {
    node_stop campus || return 1
    flock "$scratch/campus/lock" sleep 1 &
    sleep 0.2
    node_start campus || return 1
    ! node campus run 2>"$scratch/second" && grep -q 'in use by process' "$scratch/second"
}
check "a node waits for a command that holds its directory, and not for a second node" waits_for_a_command

storm() {
    local i victim importer slowest=0 begun took
    for i in $(seq "$kills"); do
        results_make "$scratch/batch-$i.csv" "batch-$i" 3000 200
        import_through "$scratch/batch-$i.csv" &
        importer=$!
        victim=$(printf 'hub centre campus campus' | cut -d' ' -f$((RANDOM % 4 + 1)))
        sleep "0.$(printf '%03d' $((RANDOM % 250)))"
        node_kill "$victim"
        begun=$SECONDS
        node_start "$victim" || return 1
        took=$((SECONDS - begun))
        [ $took -le $slowest ] || slowest=$took
        wait $importer || return 1
    done
    echo "slowest restart: $slowest s" >"$scratch/slowest"
    [ $slowest -le 5 ]
}
check "$kills kills, each restart within 5 s and without a step by hand" storm

totals_exact() {
    local kind expected
    for kind in enrolled started completed dropped certified attended; do
        expected=$(for f in "$scratch"/batch-*.csv; do tail -n +2 "$f"; done | awk -F, -v k=$kind '$4 == k' | wc -l)
        equal "$kind at the campus" "$(total campus $kind)" "$expected" && equal "$kind at the hub" "$(total hub $kind)" "$expected" || return 1
    done
}
check "every event counts once, at the campus and at the hub" eventually 90 totals_exact

digests_agree() {
    equal "results of the campus" "$(stream_digests hub results | grep '^campus ')" "$(stream_digests campus results | grep '^campus ')"
}
check "the streams are equal, digest for digest" eventually 30 digests_agree

nothing_damaged() {
    local name
    for name in hub centre campus; do
        node $name verify || return 1
    done
}
check "verify finds nothing at any of them" nothing_damaged
finish
