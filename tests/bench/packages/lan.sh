# lan.sh: two network namespaces, a pair of interfaces between them, and a bad link in its place; sourced by packages.sh, which runs in a mount
# namespace of its own, so that the names are nobody else's. Bytes are counted on the interface, both directions, headers included. Needs root.
lan_a=labA
lan_b=labB
lan_device=qb0
wan_pid=0 wan_congestion=

lan_open() {
    mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && ip netns add "$lan_a" && ip netns add "$lan_b" || { echo "lan.sh: needs root" >&2; return 1; }
    ip link add qb0 netns "$lan_a" type veth peer name qb1 netns "$lan_b"
    ip -n "$lan_a" addr add 10.78.0.1/24 dev qb0
    ip -n "$lan_b" addr add 10.78.0.2/24 dev qb1
    local name
    for name in "$lan_a:qb0" "$lan_b:qb1"; do
        ip netns exec "${name%%:*}" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
        ip -n "${name%%:*}" link set lo up
        ip -n "${name%%:*}" link set "${name#*:}" up
    done
}

lan_close() {
    [ "$wan_pid" -eq 0 ] || kill "$wan_pid" 2>/dev/null
    ip netns del "$lan_a" 2>/dev/null
    ip netns del "$lan_b" 2>/dev/null
}

# wan_open RATE_BIT_S DELAY_MS LOSS QUEUE_MS CONGESTION: the same two addresses over the emulator; what the system uses against loss where a
# program does not choose. wan_shut: the LAN again.
wan_open() {
    [ -x "$bench/wanem" ] || cc -O2 -w -o "$bench/wanem" "$QANAT_WANEM" || return 1
    "$bench/wanem" "$1" "$2" "$3" "$4" 7 >"$bench/wanem.out" 2>&1 </dev/null &
    wan_pid=$!
    local i side
    for i in $(seq 50); do
        ! grep -q up "$bench/wanem.out" || break
        sleep 0.1
    done
    ip -n "$lan_a" link set qb0 down
    ip -n "$lan_b" link set qb1 down
    ip -n "$lan_a" addr add 10.78.0.1 peer 10.78.0.2 dev tA && ip -n "$lan_b" addr add 10.78.0.2 peer 10.78.0.1 dev tB || return 1
    for side in A B; do
        ip -n "lab$side" link set "t$side" up mtu 1400
        ip netns exec "lab$side" sysctl -qw "net.ipv4.tcp_congestion_control=$5" 2>/dev/null ||
            ip netns exec "lab$side" sysctl -qw net.ipv4.tcp_congestion_control=reno || return 1 # a namespace may not have every one; it reacts to loss as cubic does
    done
    wan_congestion=$(ip netns exec labA sysctl -n net.ipv4.tcp_congestion_control)
    lan_device=tA
}
wan_shut() {
    kill "$wan_pid" 2>/dev/null
    wait "$wan_pid" 2>/dev/null
    wan_pid=0
    ip -n "$lan_a" link set qb0 up
    ip -n "$lan_b" link set qb1 up
    lan_device=qb0
}

at_hub() { ip netns exec "$lan_a" "$@"; }
at_campus() { ip netns exec "$lan_b" "$@"; }

lan_sum() { # bytes|packets
    at_hub cat "/sys/class/net/$lan_device/statistics/rx_$1" "/sys/class/net/$lan_device/statistics/tx_$1" | awk '{ s += $1 } END { printf "%.0f\n", s }'
}

now_ms() { date +%s%3N; }

# Processor time of processes (sum), ms; the most memory any of them held since the last memory_reset, kB.
cpu_ms() {
    local pid sum=0
    for pid; do
        sum=$((sum + $(awk '{ print ($14 + $15) * 10 }' "/proc/$pid/stat" 2>/dev/null || echo 0)))
    done
    echo $sum
}
memory_reset() {
    local pid
    for pid; do
        [ "$pid" -eq 0 ] || echo 5 >"/proc/$pid/clear_refs"
    done
}
memory_kb() { awk '/VmHWM/ { print $2 }' "/proc/$1/status" 2>/dev/null || echo 0; }

# QANAT_BENCH_COLD=1: nothing that is timed finds its files, or free pages, in memory: on a machine that was just started, or one that gives what it does not use
# back to its host, the first bytes written into each page cost several times as much.
cold() {
    [ -z "${QANAT_BENCH_COLD:-}" ] || { sync && echo 3 >/proc/sys/vm/drop_caches && sleep 12; }
}

# measure NAME STEP COMMAND...: one line of the table. What runs at the hub and at the campus meanwhile: pid_hub, pid_campus (0: not looked at).
measure() {
    local name=$1 step=$2 bytes ms cpu_hub cpu_campus
    shift 2
    cold
    memory_reset "$pid_hub" "$pid_campus"
    cpu_hub=$(cpu_ms "$pid_hub")
    cpu_campus=$(cpu_ms "$pid_campus")
    bytes=$(lan_sum bytes)
    ms=$(now_ms)
    "$@" >"$bench/said" 2>&1 || { printf '%-10s %-30s failed: %s\n' "$name" "$step" "$(tail -n 1 "$bench/said")"; failures=$((failures + 1)); return 1; }
    last_ms=$(($(now_ms) - ms))
    sleep 0.3 # the last acknowledgements
    last_bytes=$(($(lan_sum bytes) - bytes))
    printf '%-10s %-30s %12d bytes %7d ms' "$name" "$step" "$last_bytes" "$last_ms"
    if [ "$pid_hub" -ne 0 ]; then
        printf '   cpu %6d %6d ms   memory %6d %6d kB' $(($(cpu_ms "$pid_hub") - cpu_hub)) $(($(cpu_ms "$pid_campus") - cpu_campus)) \
            "$(memory_kb "$pid_hub")" "$(memory_kb "$pid_campus")"
    fi
    printf '\n'
}
