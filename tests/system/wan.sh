#!/usr/bin/env bash
# Bad links, through an emulator: QANAT_WANEM names its source, a program "wanem RATE DELAY_MS LOSS QUEUE_MS SEED" between the devices tA and tB of the
# network namespaces labA and labB. Needs root and that source; skipped without. QANAT_WAN says which of update, results, clean, half_open and cells (default
# all), QANAT_WAN_RUNS how often cells runs (default 1).
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
    node campus course list --json | gojq -e '.[0].state == "installed"'
}

# asked WORD: is this part to run?
asked() {
    [[ " ${QANAT_WAN:-update results clean half_open cells} " == *" $1 "* ]]
}
figure() { # the last line of what the check before said
    sed -n '$s/^/# /p' "$scratch/said"
}

update_with_loss() {
    wan_up 10000000 75 0.01 300 && course_published 10600000 || return 1
    local start=$SECONDS
    ip netns exec labB "$qanat" sync --dir "$scratch/campus" --timeout 60 || return 1
    installed >/dev/null || return 1
    echo "$((SECONDS - start)) s"
    [ $((SECONDS - start)) -le 20 ]
}
if asked update; then
    check "10.6 MB over 10 Mbit/s, 150 ms, 1 % loss within 20 s" update_with_loss
    figure
    wan_down
fi

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
    eventually 10 has_arrived && took=$((($(date +%s%N) - start) / 1000000)) || return 1
    ! installed >/dev/null || return 1
    echo "$took ms"
    [ $took -le 2000 ]
}
if asked results; then
    check "results reach the hub within 2 s while media moves" results_first
    figure
    wan_down
fi

# On a clean line media fills it: bytes that arrive at the campus's device in the middle of a course, headers included.
line_bytes() {
    ip netns exec labB cat /sys/class/net/tB/statistics/rx_bytes
}
line_filled() { # RATE WARM_UP_S
    local before from rate
    wan_up "$1" 20 0 400 && course_published $(($1 / 8 * ($2 + 20) + 100000)) && campus_starts && sleep "$2" || return 1
    before=$(line_bytes) from=$(date +%s%N)
    sleep 10
    rate=$((($(line_bytes) - before) * 8000 / (($(date +%s%N) - from) / 1000000)))
    echo "$rate bit/s of $1"
    [ "$rate" -ge $(($1 / 100 * 95)) ]
}
if asked clean; then
    for rate in 64000 1000000 10000000; do
        check "a clean line of $rate bit/s is filled to 95 % at least" line_filled $rate $((rate == 64000 ? 20 : 5))
        figure
        wan_down
    done
fi

# The line goes dead without a word, in one direction and then in both, and comes back: nobody has to do anything.
goes_silent() { # NAMESPACE DEVICE: what leaves there is lost
    local before
    wan_up 4000000 20 0 400 && course_published 8000000 && campus_starts && sleep 4 || return 1
    ip netns exec "$1" tc qdisc add dev "$2" root tbf rate 8bit burst 1 limit 1 2>/dev/null || ip netns exec "$1" nft "add table ip q; add chain ip q o { type filter hook output priority 0; }; add rule ip q o oifname $2 drop" || return 1
    sleep 20
    ! installed >/dev/null || { echo "it was over before"; return 1; }
    before=$(line_bytes)
    ip netns exec "$1" tc qdisc del dev "$2" root 2>/dev/null || ip netns exec "$1" nft "delete table ip q" || return 1
    local start=$SECONDS
    eventually 120 installed && node campus course verify >/dev/null || return 1
    echo "$((SECONDS - start)) s after it came back, $(($(line_bytes) - before)) bytes"
}
if asked half_open; then
    check "the way up is lost for 20 s in the middle of a course" goes_silent labB tB
    figure
    wan_down
    check "the way down is lost for 20 s in the middle of a course" goes_silent labA tA
    figure
    wan_down
fi

cells_through() {
    local course
    wan_up 1000000 1000 0.3 4000 && people_make "$scratch/people.csv" 2000 && results_make "$scratch/results.csv" a 40000 2000 c1 || return 1
    for course in $(seq 2 40); do
        results_make "$scratch/more.csv" "b$course" 700 2000 "c$course" && tail -n +2 "$scratch/more.csv" >>"$scratch/results.csv"
    done
    node campus person import "$scratch/people.csv" && node campus result import "$scratch/results.csv" 2>/dev/null || return 1
    [ "$(node campus digest --json | gojq '[.streams[] | select(.topic == "results") | .count] | add')" -ge 10000 ] || return 1
    local start=$SECONDS
    ip netns exec labB "$qanat" sync --dir "$scratch/campus" --timeout 600 || return 1
    took=$((SECONDS - start))
    equal results "$(stream_digests hub results | grep "^campus ")" "$(stream_digests campus results | grep "^campus ")" && echo "$took s"
}
if asked cells; then
    for run in $(seq "${QANAT_WAN_RUNS:-1}"); do
        check "10,000 cells through 30 % loss each way and 2 s of round trip" cells_through
        figure
        wan_down
    done
fi
finish
