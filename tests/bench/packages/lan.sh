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

lan_bytes() {
    at_hub cat "/sys/class/net/qb0-$$/statistics/rx_bytes" "/sys/class/net/qb0-$$/statistics/tx_bytes" | awk '{ s += $1 } END { print s }'
}

now_ms() { date +%s%3N; }

# measure NAME STEP COMMAND...: one line of the table.
measure() {
    local name=$1 step=$2 bytes ms
    shift 2
    bytes=$(lan_bytes)
    ms=$(now_ms)
    "$@" >"$bench/said" 2>&1 || { printf '%-12s %-22s failed: %s\n' "$name" "$step" "$(tail -n 1 "$bench/said")"; return 1; }
    printf '%-12s %-22s %12d bytes %8d ms\n' "$name" "$step" $(($(lan_bytes) - bytes)) $(($(now_ms) - ms))
}
