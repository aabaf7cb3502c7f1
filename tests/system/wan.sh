#!/usr/bin/env bash
# Bad links, through an emulator: QANAT_WANEM names its source, a program "wanem RATE DELAY_MS LOSS QUEUE_MS SEED" between the devices tA and tB of the
# network namespaces labA and labB. Needs root and that source; skipped without.
if [ -z "${QANAT_WANEM:-}" ] || [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
    echo "1..0 # SKIP no emulator: QANAT_WANEM=FILE.c, as root"
    exit 0
fi
# A mount namespace of its own: the names of the network namespaces are nobody else's.
[ -n "${QANAT_WAN_INSIDE:-}" ] || QANAT_WAN_INSIDE=1 exec unshare -m bash "$0"
. "$(dirname "$0")/kit.sh"
wanem_pid=
wan_down() {
    local node
    for node in "${!node_pid[@]}"; do
        node_kill "$node"
    done
    [ -z "$wanem_pid" ] || { kill "$wanem_pid"; wait "$wanem_pid" 2>/dev/null; }
    wanem_pid=
    rm -rf "$scratch/hub" "$scratch/campus"
}
trap 'wan_down; cleanup' EXIT

emulator_made() {
    mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && ip netns add labA && ip netns add labB && cc -O2 -o "$scratch/wanem" "$QANAT_WANEM" 2>/dev/null
}
check "the emulator is built" emulator_made

# wan_up RATE DELAY LOSS QUEUE: the link, a hub behind it, and a campus that joined by file. TCP reacts to loss as most systems do, where that can be chosen.
wan_up() {
    "$scratch/wanem" "$1" "$2" "$3" "$4" 7 >"$scratch/wanem.out" &
    wanem_pid=$!
    eventually 5 grep -q up "$scratch/wanem.out" && ip -n labA addr add 10.98.0.1 peer 10.98.0.2 dev tA && ip -n labB addr add 10.98.0.2 peer 10.98.0.1 dev tB || return 1
    local side
    for side in A B; do
        ip -n "lab$side" link set "t$side" up mtu 1400 && ip -n "lab$side" link set lo up
        ip netns exec "lab$side" sysctl -qw net.ipv4.tcp_congestion_control=cubic 2>/dev/null ||
            ip netns exec "lab$side" sysctl -qw net.ipv4.tcp_congestion_control=reno
    done
    "$qanat" init --dir "$scratch/hub" --name hub --kind hub --country CN --listen tcp://10.98.0.1:7700 >/dev/null || return 1
    ip netns exec labA "$qanat" run --dir "$scratch/hub" 2>"$scratch/hub.log" >/dev/null &
    node_pid[hub]=$!
    eventually 10 grep -q node_ready "$scratch/hub.log" && rm -f "$scratch/invitation" &&
        node hub invite --name campus --kind campus --country EG --file "$scratch/invitation" && "$qanat" join --dir "$scratch/campus" --file "$scratch/invitation"
}
campus_starts() {
    ip netns exec labB "$qanat" run --dir "$scratch/campus" 2>"$scratch/campus.log" >/dev/null &
    node_pid[campus]=$!
    eventually 10 grep -q node_ready "$scratch/campus.log"
}
course_published() { # BYTES
    rm -rf "$scratch/course" && mkdir "$scratch/course" && echo '<title>Film</title>' >"$scratch/course/index.html" && head -c "$1" /dev/urandom >"$scratch/course/film.bin" &&
        node hub course import "$scratch/course" --id film --lang en && node hub course publish film && node campus course subscribe film
}
installed() {
    node campus course list --json | jq -e '.[0].state == "installed"'
}

update_with_loss() {
    wan_up 10000000 75 0.01 300 && course_published 10600000 || return 1
    local start=$SECONDS
    ip netns exec labB "$qanat" sync --dir "$scratch/campus" --timeout 60 || return 1
    echo "$((SECONDS - start)) s"
    [ $((SECONDS - start)) -le 20 ] && installed
}
check "10.6 MB over 10 Mbit/s, 150 ms, 1 % loss within 20 s" update_with_loss
wan_down

has_arrived() {
    [ "$(total hub completed)" -gt 0 ]
}
results_first() {
    wan_up 10000000 75 0 300 && course_published 60000000 && people_make "$scratch/people.csv" 100 && results_make "$scratch/results.csv" a 700 100 film &&
        node campus person import "$scratch/people.csv" && campus_starts || return 1
    sleep 8
    node campus result import "$scratch/results.csv" || return 1
    local start
    start=$(date +%s%N)
    eventually 10 has_arrived || return 1
    echo "$((($(date +%s%N) - start) / 1000000)) ms"
    [ $((($(date +%s%N) - start) / 1000000)) -le 2000 ] && ! installed
}
check "results reach the hub within 2 s while media moves" results_first
wan_down

cells_through() {
    local course
    wan_up 1000000 1000 0.3 4000 && people_make "$scratch/people.csv" 2000 && results_make "$scratch/results.csv" a 40000 2000 c1 || return 1
    for course in $(seq 2 40); do
        results_make "$scratch/more.csv" "b$course" 700 2000 "c$course" && tail -n +2 "$scratch/more.csv" >>"$scratch/results.csv"
    done
    node campus person import "$scratch/people.csv" && node campus result import "$scratch/results.csv" 2>/dev/null || return 1
    [ "$(node campus digest --json | jq '[.streams[] | select(.topic == "results") | .count] | add')" -ge 10000 ] || return 1
    local start=$SECONDS
    ip netns exec labB "$qanat" sync --dir "$scratch/campus" --timeout 600 || return 1
    echo "$((SECONDS - start)) s"
    equal results "$(stream_digests hub results | grep "^campus ")" "$(stream_digests campus results | grep "^campus ")"
}
check "10,000 cells through 30 % loss each way and 2 s of round trip" cells_through
finish
