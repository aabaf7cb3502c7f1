#!/usr/bin/env bash
# Several sources: what two nodes have comes once, and from the neighbour rather than over the far link.
. "$(dirname "$0")/kit.sh"

tiers_make() {
    node_make hub hub "" CN && node_start hub && node_make one campus hub && node_make two campus hub && node_start one && node one sync || return 1
    mkdir "$scratch/course" && echo '<title>Film</title>' >"$scratch/course/index.html" && head -c 6000000 /dev/urandom >"$scratch/course/film.bin"
    for i in $(seq 40); do head -c 20000 /dev/urandom >"$scratch/course/part$i.bin"; done
    node hub course import "$scratch/course" --id film --lang en && node hub course publish film && node one course subscribe film &&
        eventually 20 installed one
}
installed() {
    node "$1" course list --json | jq -e '.[] | select(.course == "film" and .state == "installed")'
}
check "a hub and a campus have a course of 6.8 MB; another campus wants it" tiers_make

# Wanted once all are connected: who answers the dial first is nobody's choice.
wanted_by() { # NODE PEER...
    local node=$1 peer
    shift
    node_start "$node" || return 1
    for peer in "$@"; do
        eventually 10 grep -q "peer_connected peer=\"$peer\"" "$scratch/$node.log" || return 1
    done
    node "$node" course subscribe film && eventually 30 installed "$node" && node "$node" course verify && node_stop "$node"
}

# Bytes that came from a peer, as status says.
from_peer() { # NODE PEER
    node "$1" status --json | jq ".peers[] | select(.node == \"$2\") | .bytes_in"
}
from_the_neighbour() {
    local near far
    echo 'neighbours = "one"' >>"$scratch/two/qanat.conf"
    node two sync && wanted_by two one hub || return 1
    near=$(from_peer two one) far=$(from_peer two hub)
    echo "$near bytes from the neighbour, $far from the hub"
    [ "$near" -gt 6700000 ] && [ "$far" -lt 200000 ] && [ $((near + far)) -lt 7100000 ]
}
check "all of it comes from the neighbour, and only once" from_the_neighbour
[ $failures -eq 0 ] || sed 's/^/# /' "$scratch/said"

# Two sources on one level: both give, nothing comes twice.
both_give() {
    local first second
    node_make three campus hub && node two course list >/dev/null && node_start two || return 1
    echo 'neighbours = "one, two"' >>"$scratch/three/qanat.conf"
    # At a rate, so that it lasts long enough for both to give.
    node three sync && node three window add "always rate 16M" && wanted_by three one two hub || return 1
    first=$(from_peer three one) second=$(from_peer three two)
    echo "$first from one, $second from two, $(from_peer three hub) from the hub"
    [ "$first" -gt 500000 ] && [ "$second" -gt 500000 ] && [ $((first + second)) -lt 7200000 ]
}
check "two neighbours give at once, and nothing comes twice" both_give
finish
