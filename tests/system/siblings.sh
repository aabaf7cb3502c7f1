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
    node "$1" course list --json | gojq -e '.[] | select(.course == "film" and .state == "installed")'
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
    node "$1" status --json | gojq ".peers[] | select(.node == \"$2\") | .bytes_in"
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
for name in "${!node_pid[@]}"; do node_stop "$name"; done

# Two that begin together, behind one far link of 40 Mbit/s: counted on its interface. Needs root.
ns=qsib$$
if [ "$(id -u)" -ne 0 ] || ! ip netns add "${ns}a" 2>/dev/null; then
    finish
    exit
fi
. "$(dirname "$0")/wire_kit.sh"
size=20000000

far_made() {
    wire_make || return 1
    ip netns exec "${ns}a" tc qdisc add dev "${ns}0" root tbf rate 40mbit burst 64k latency 200ms || return 1
    "$qanat" init --dir "$scratch/far" --name far --kind hub --country CN --listen tcp://10.97.0.1:7700 >/dev/null && start_in "${ns}a" far || return 1
    rm -rf "$scratch/course"
    mkdir "$scratch/course" && echo '<title>Film</title>' >"$scratch/course/index.html" && head -c $((size * 3 / 4)) /dev/urandom >"$scratch/course/film.bin"
    for i in $(seq 100); do head -c $((size / 400)) /dev/urandom >"$scratch/course/part$i.bin"; done
    node far course import "$scratch/course" --id film --lang en && node far course publish film
}
check "a hub with a course of 20 MB behind a link of 40 Mbit/s" far_made

campus_behind() { # NAME PORT NEIGHBOUR
    local token
    "$qanat" init --dir "$scratch/$1" --name "$1" --kind campus --country EG --listen "tcp://10.97.0.2:$2" --set retry_min_ms=100 >/dev/null &&
        token=$(node far invite --name "$1" --kind campus --country EG) && ip netns exec "${ns}b" "$qanat" join --dir "$scratch/$1" "$token" >/dev/null &&
        echo "neighbours = \"$3\"" >>"$scratch/$1/qanat.conf"
}
# Two campuses that know each other, connected to each other and to the hub; then both want the course at the same time.
both_begin() { # FIRST PORT SECOND PORT
    campus_behind "$1" "$2" "$3" && campus_behind "$3" "$4" "$1" && ip netns exec "${ns}b" "$qanat" sync --dir "$scratch/$1" && ip netns exec "${ns}b" "$qanat" sync --dir "$scratch/$3" &&
        start_in "${ns}b" "$1" && start_in "${ns}b" "$3" && eventually 10 grep -q "peer_connected peer=\"far\"" "$scratch/$1.log" &&
        eventually 10 grep -q "peer_connected peer=\"far\"" "$scratch/$3.log" && eventually 10 grep -q "peer_connected peer=\"$1\"" "$scratch/$3.log" || return 1
    before=$(wire_bytes)
    node "$1" course subscribe film & node "$3" course subscribe film
    wait $!
}
shared() {
    both_begin five 7705 six 7706 && eventually 60 installed five && eventually 60 installed six && node five course verify && node six course verify || return 1
    total=$(($(wire_bytes) - before))
    echo "$total bytes over the far link for two campuses and a course of $size"
    [ $total -le $((size * 11 / 10)) ] && node_stop five && node_stop six
}
check "two that begin together have it for at most 1.1 times its size over the far link" shared
sed -n '$s/^/# /p' "$scratch/said"

# One dies in the middle: what it had fetched and not handed on yet comes again, no more; nobody waits for the dead.
one_dies() {
    both_begin seven 7707 eight 7708 || return 1
    local from=$SECONDS deadline=$((SECONDS + 30))
    until [ $(($(wire_bytes) - before)) -ge $((size / 2)) ]; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.05
    done
    node_kill eight && eventually 30 installed seven && node seven course verify && start_in "${ns}b" eight && eventually 30 installed eight && node eight course verify || return 1
    total=$(($(wire_bytes) - before))
    echo "$total bytes over the far link, $((SECONDS - from)) s"
    [ $total -le $((size * 5 / 4)) ] && node_stop seven && node_stop eight && node_stop far
}
check "one dies halfway: the other ends without it, and gives it back what it lacks" one_dies
sed -n '$s/^/# /p' "$scratch/said"
finish
