#!/usr/bin/env bash
# A member with a valid key who lies, floods and cheats at the hub (rogue.c), and strangers without one (stranger.c): the hub's memory stays small, it leaks
# no descriptors, an honest peer is in step in about its normal time, nobody else's figures move, and what was refused is counted.
# QANAT_HOSTILE_SECONDS=N: each lie for so long (3).
. "$(dirname "$0")/kit.sh"
rogue=${QANAT_BUILD:-$(dirname "$qanat")}/tests/system/rogue
stranger=${QANAT_BUILD:-$(dirname "$qanat")}/tests/system/stranger
seconds=${QANAT_HOSTILE_SECONDS:-3}
RSS_MAX_KIB=262144
GRACE_MS=100 # beside twice the normal time: what a busy machine may add to a tenth of a second

people_make "$scratch/people.csv" 40
batch=0
feed() { # the centre records some results
    batch=$((batch + 1))
    results_make "$scratch/r$batch.csv" "b$batch-" 120 40
    node centre result import "$scratch/r$batch.csv"
}
setup() {
    node_make hub hub && node_start hub && node_make centre national hub && node_make rogue national hub && node_start centre &&
        node centre person import "$scratch/people.csv" && feed && node centre sync &&
        node_start rogue && node_make campus campus rogue && node campus sync && node rogue sync && node_stop rogue
}
check "a hub, a centre, and a member with a campus below, who will not behave" setup

now_ms() { date +%s%3N; }
timed_sync() { # prints how long the centre takes to be in step with new results
    local begin
    feed >/dev/null 2>&1 || return 1
    begin=$(now_ms)
    node centre sync --timeout 60 >/dev/null 2>&1 || return 1
    echo $(($(now_ms) - begin))
}
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
normal=$(for _ in 1 2 3 4 5 6 7; do timed_sync; done | median)
echo "# normally in step after $normal ms"

figures() { node "$1" stats --by centre --json | jq -Sc '[.rows[] | select(.by.centre == "centre")]'; }
files() { find "/proc/${node_pid[hub]}/fd" -mindepth 1 | wc -l; }
peak_kib() { awk '/VmHWM/ { print $2 }' "/proc/${node_pid[hub]}/status"; }
refused() { node hub status --json | jq -r ".refused.$1"; }
files_before=$(files)

# endures PROGRAM ARGUMENTS...: while it runs the centre syncs five times. The program stands for another machine: it gives way where it would take the
# processor from the hub and the centre, so that what is measured is what they make of it.
endures() {
    local code=0 pid took
    nice -n 19 "$@" >"$scratch/said.rogue" 2>&1 &
    pid=$!
    sleep 0.3
    took=$(for _ in 1 2 3 4 5; do timed_sync || echo 99999; done | median)
    wait "$pid" || { echo "it ended with $?"; code=1; }
    cat "$scratch/said.rogue"
    echo "# $(cat "$scratch/said.rogue"); in step after $took ms; hub at most $(peak_kib) KiB" >>"$scratch/figures"
    [ "$took" -le $((2 * normal + GRACE_MS)) ] || { echo "an honest peer took $took ms, normally $normal"; code=1; }
    [ "$(peak_kib)" -le $RSS_MAX_KIB ] || { echo "the hub took $(peak_kib) KiB"; code=1; }
    kill -0 "${node_pid[hub]}" || { echo "the hub is gone"; code=1; }
    equal "the centre's figures at the hub" "$(figures hub)" "$(figures centre)" || code=1
    return $code
}
lies() { endures "$rogue" "$1" "${node_port[hub]}" "$scratch/rogue" "$scratch/hub" "$scratch/campus" "$seconds"; }

check "cells of another, under a certificate of the rogue's" lies forged
check "cells that were altered after they were signed" lies altered
check "batches cut anywhere" lies truncated
check "a good batch again and again" lies replayed
check "cells under the certificate of others" lies mixed
check "cells whose certificate never comes" lies withheld
check "sketches that are full" lies sketch
check "the greatest numbers there are" lies greatest
check "pieces that nobody asked for" lies chunks
check "everything asked for, again and again" lies wants
check "vectors of streams that nobody has" lies vectors
check "frames of other versions and kinds" lies versions
check "a message without an end" lies endless
check "routing ids of its own choice" lies squat
check "greetings byte by byte" endures "$stranger" slow "${node_port[hub]}"
check "other protocols" endures "$stranger" old "${node_port[hub]}"

counted() {
    local what code=0
    for what in signatures digests frames handshakes; do
        [ "$(refused $what)" -gt 0 ] || { echo "no refused $what are counted"; code=1; }
    done
    node hub status --json | jq -c .refused
    return $code
}
sleep 11 # counts reach the database every ten seconds
check "what was refused is counted" counted
no_leak() {
    local i
    for i in $(seq 50); do
        [ "$(files)" -gt $((files_before + 4)) ] || return 0
        sleep 0.2
    done
    echo "$(files) open files, $files_before before"
    return 1
}
check "no descriptor is left open" no_leak
sound() { node hub verify && node centre sync && equal digests "$(node hub digest --json | jq -r '[.streams[] | select(.node == "centre")] | map(.digest) | sort | join(",")')" \
    "$(node centre digest --json | jq -r '[.streams[] | select(.node == "centre")] | map(.digest) | sort | join(",")')"; }
check "the hub's data is sound, and the centre's the same at both" sound
doubted() { # and are told
    node hub status --json | jq -e '.alarms[] | select(.what == "implausible" and .node == "rogue") | .text' && node hub status | grep -q "ALARM: figures of rogue can hardly be right"
}
check "figures that can hardly be right are told in status" eventually 20 doubted
set_aside() { # an origin can inflate its own figures: they are taken out exactly
    node hub stats --by centre --json | jq -e '.rows[] | select(.by.centre == "rogue")' >/dev/null || { echo "the rogue's own figures are not there"; return 1; }
    node hub peer revoke rogue && figures hub >/dev/null
}
check "the rogue's own figures are its own, and it is put out" set_aside
cat "$scratch/figures"
finish
