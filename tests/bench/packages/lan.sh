# lan.sh: two network namespaces and a pair of interfaces between them; sourced by packages.sh. Bytes are counted on the interface, both directions,
# headers included. Needs root.
lan_a=qanat-bench-a-$$
lan_b=qanat-bench-b-$$

lan_open() {
    ip netns add "$lan_a" && ip netns add "$lan_b" || { echo "lan.sh: needs root" >&2; return 1; }
    ip link add "qb0-$$" netns "$lan_a" type veth peer name "qb1-$$" netns "$lan_b"
    ip -n "$lan_a" addr add 10.78.0.1/24 dev "qb0-$$"
    ip -n "$lan_b" addr add 10.78.0.2/24 dev "qb1-$$"
    local name
    for name in "$lan_a:qb0-$$" "$lan_b:qb1-$$"; do
        ip netns exec "${name%%:*}" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
        ip -n "${name%%:*}" link set lo up
        ip -n "${name%%:*}" link set "${name#*:}" up
    done
}

lan_close() {
    ip netns del "$lan_a" 2>/dev/null
    ip netns del "$lan_b" 2>/dev/null
}

at_hub() { ip netns exec "$lan_a" "$@"; }
at_campus() { ip netns exec "$lan_b" "$@"; }

lan_sum() { # bytes|packets
    at_hub cat "/sys/class/net/qb0-$$/statistics/rx_$1" "/sys/class/net/qb0-$$/statistics/tx_$1" | awk '{ s += $1 } END { printf "%.0f\n", s }'
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

# measure NAME STEP COMMAND...: one line of the table. What runs at the hub and at the campus meanwhile: pid_hub, pid_campus (0: not looked at).
measure() {
    local name=$1 step=$2 bytes ms cpu_hub cpu_campus
    shift 2
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
