#!/usr/bin/env bash
# many.sh: a centre that joins a federation of MEMBERS nodes, each with a stream of its own, comes in step in one session; then nothing changed costs
# one round trip of the same few bytes.
source "$(dirname "$0")/kit.sh"
members=${MEMBERS:-3000}

node_make hub hub "" CN
"$QANAT_BUILD/tests/bench/results/members" "$scratch/hub" "$members"
node_start hub
node_make centre national hub EG 2>/dev/null

in_one_session() {
    node centre sync --json >"$scratch/first" 2>"$scratch/centre.sync" || return 1
    equal "sessions ended before their end" "$(grep -c 'event=peer_unreachable' "$scratch/centre.sync")" 0
}

nothing_changed() {
    node centre sync --json >"$scratch/again" && [ "$(gojq '.bytes_in + .bytes_out' "$scratch/again")" -le 250 ]
}

everything_is_there() {
    node centre digest --json >"$scratch/digest"
    equal "streams of members" "$(gojq '[.streams[] | select(.topic == "catalogue")] | length' "$scratch/digest")" "$members" &&
        equal "digests" "$(stream_digests centre catalogue)" "$(stream_digests hub catalogue)"
}

check "a newcomer comes in step with a hub of $members nodes in one session" in_one_session
check "it holds the stream of each of them, as the hub does" everything_is_there
check "nothing changed costs at most 250 bytes" nothing_changed
finish
