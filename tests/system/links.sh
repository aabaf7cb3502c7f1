#!/usr/bin/env bash
# Links that misbehave, without an emulator: the address changes in the middle, one direction goes dead, both sides dial at once, many come at once. Needs
# root for network namespaces; skipped without. QANAT_LINKS_MANY says how many campuses come at once (default 6).
ns=qlnk$$
if [ "$(id -u)" -ne 0 ] || ! ip netns add "${ns}a" 2>/dev/null; then
    echo "1..0 # SKIP network namespaces need root"
    exit 0
fi
. "$(dirname "$0")/kit.sh"
. "$(dirname "$0")/wire_kit.sh"
start_seconds=20
many=${QANAT_LINKS_MANY:-6}

hub_made() {
    wire_make || return 1
    "$qanat" init --dir "$scratch/hub" --name hub --kind hub --country CN --listen tcp://10.97.0.1:7700 >/dev/null && start_in "${ns}a" hub || return 1
    mkdir "$scratch/course" && echo '<title>Film</title>' >"$scratch/course/index.html" && head -c 5000000 /dev/urandom >"$scratch/course/film.bin"
    node hub course import "$scratch/course" --id film --lang en && node hub course publish film || return 1
    rm -rf "$scratch/course" && mkdir "$scratch/course" && echo '<title>Leaf</title>' >"$scratch/course/index.html" && head -c 100000 /dev/urandom >"$scratch/course/leaf.bin"
    node hub course import "$scratch/course" --id leaf --lang en && node hub course publish leaf
}
check "a hub with two courses behind a wire" hub_made

campus_made() { # NAME COURSE [OPTION...]
    local token name=$1 course=$2
    shift 2
    "$qanat" init --dir "$scratch/$name" --name "$name" --kind campus --country EG --set retry_min_ms=100 "$@" >/dev/null && token=$(node hub invite --name "$name" --kind campus --country EG) &&
        ip netns exec "${ns}b" "$qanat" join --dir "$scratch/$name" "$token" >/dev/null && node "$name" course subscribe "$course"
}
installed() {
    node "$1" course list --json | gojq -e ".[] | select(.course == \"$2\" and .state == \"installed\")" >/dev/null
}
under_way() { # NAME: has some of it, and not all
    grep -q 'event=peer_connected' "$scratch/$1.log" && [ "$(du -s "$scratch/$1/blobs" | cut -f1)" -gt 900 ] && ! installed "$1" film
}

# As a phone does: the connections of the old address are dead without a word. By silence that is found in two minutes; the kernel tells at once.
moved() {
    campus_made mover film && node mover window add "always rate 12M" && start_in "${ns}b" mover && eventually 10 under_way mover || return 1
    ip -n "${ns}b" addr del 10.97.0.2/24 dev "${ns}1" && sleep 1 && ip -n "${ns}b" addr add 10.97.0.3/24 dev "${ns}1" || return 1
    local from=$SECONDS
    eventually 20 installed mover film && node mover course verify && node_stop mover || return 1
    echo "$((SECONDS - from)) s after the change"
}
check "the address changes halfway: it goes on within seconds" moved
sed -n '$s/^/# /p' "$scratch/said"

# Every byte of one direction is lost for a while; connections stay, and nobody is told.
one_way() { # NAME NAMESPACE DEVICE: what leaves there is lost
    campus_made "$1" film && node "$1" window add "always rate 12M" && start_in "${ns}b" "$1" && eventually 10 under_way "$1" || return 1
    ip netns exec "$2" tc qdisc add dev "$3" root tbf rate 8bit burst 1 limit 1 && sleep 2 || return 1
    ! installed "$1" film && ip netns exec "$2" tc qdisc del dev "$3" root || return 1
    local from=$SECONDS
    eventually 30 installed "$1" film && node "$1" course verify && node_stop "$1" || return 1
    echo "$((SECONDS - from)) s after it came back"
}
check "the way up is lost for a while: it goes on by itself" one_way up "${ns}b" "${ns}1"
sed -n '$s/^/# /p' "$scratch/said"
check "the way down is lost for a while: it goes on by itself" one_way down "${ns}a" "${ns}0"
sed -n '$s/^/# /p' "$scratch/said"

# A sync by night, for which the other node starts anew in the middle: there is no second chance before the next night.
restarted() {
    local pid
    campus_made nightly film && node nightly window add "always rate 12M" || return 1
    ip netns exec "${ns}b" "$qanat" sync --dir "$scratch/nightly" >/dev/null 2>"$scratch/nightly.log" &
    pid=$!
    eventually 10 grep -q 'MB (' "$scratch/nightly.log" && node_kill hub && sleep 3 && start_in "${ns}a" hub && wait "$pid" && installed nightly film
}
check "the node above is killed and starts again: a sync that was under way goes on" restarted

start_all() { # NODE...: at once
    local name
    for name in "$@"; do
        ip netns exec "${ns}b" "$qanat" run --dir "$scratch/$name" 2>>"$scratch/$name.log" >/dev/null </dev/null &
        node_pid[$name]=$!
    done
}

# Two neighbours that dial each other at the same moment keep one session, and keep it.
both_dial() {
    campus_made left leaf --listen tcp://10.97.0.3:7711 && campus_made right leaf --listen tcp://10.97.0.3:7712 && echo 'neighbours = "right"' >>"$scratch/left/qanat.conf" &&
        echo 'neighbours = "left"' >>"$scratch/right/qanat.conf" && ip netns exec "${ns}b" "$qanat" sync --dir "$scratch/left" && ip netns exec "${ns}b" "$qanat" sync --dir "$scratch/right" || return 1
    start_all left right
    eventually 10 meets left right && eventually 10 meets right left && sleep 3 || return 1
    local ends
    ends=$(cat "$scratch/left.log" "$scratch/right.log" | grep -c 'event=peer_connected peer="\(left\|right\)"')
    echo "$ends connections between the two"
    [ "$ends" -ge 1 ] && [ "$ends" -le 4 ] && meets left right && meets right left && node_stop left && node_stop right
}
meets() { # NAME PEER
    node "$1" status --json | gojq -e ".peers[] | select(.node == \"$2\" and .state == \"in_step\")" >/dev/null
}

# Many campuses at once at one hub, each with results to give and a course to take.
many_come() {
    local i from
    people_make "$scratch/people.csv" 20
    for i in $(seq "$many"); do
        results_make "$scratch/results.csv" "m$i" 70 20 leaf
        campus_made "m$i" leaf && node "m$i" person import "$scratch/people.csv" && node "m$i" result import "$scratch/results.csv" || return 1
    done
    completed=$((many * $(total m1 completed)))
    from=$(date +%s%N)
    start_all $(seq -f "m%g" "$many")
    eventually 120 all_came && echo "$many campuses in $((($(date +%s%N) - from) / 1000000)) ms" || return 1
    for i in $(seq "$many"); do
        eventually 60 installed "m$i" leaf && equal "results of m$i" "$(stream_digests hub results | grep "^m$i ")" "$(stream_digests "m$i" results | grep "^m$i ")" &&
            node_stop "m$i" || return 1
    done
}
all_came() {
    [ "$(total hub completed)" = "$completed" ]
}
check "two that dial each other at once keep one session" both_dial
sed -n '$s/^/# /p' "$scratch/said"
check "$many campuses at once: each gets its course, and the hub the results of all, exactly" many_come
sed -n '$s/^/# /p' "$scratch/said"
finish
