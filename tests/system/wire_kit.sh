# wire_kit.sh: two network namespaces with a wire between them; sourced after kit.sh by scripts that chose a name `ns` and made the namespace "${ns}a".
# One end is 10.97.0.1 in "${ns}a", the other 10.97.0.2 in "${ns}b". Needs root.
namespaces_remove() {
    ip netns del "${ns}a"
    ip netns del "${ns}b"
}
trap 'cleanup; namespaces_remove' EXIT

wire_make() {
    ip netns add "${ns}b" && ip link add "${ns}0" netns "${ns}a" type veth peer name "${ns}1" netns "${ns}b" &&
        ip -n "${ns}a" addr add 10.97.0.1/24 dev "${ns}0" && ip -n "${ns}b" addr add 10.97.0.2/24 dev "${ns}1" || return 1
    # No IPv6: its own chatter would be counted.
    ip netns exec "${ns}a" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 && ip netns exec "${ns}b" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
    ip -n "${ns}a" link set lo up && ip -n "${ns}b" link set lo up && ip -n "${ns}a" link set "${ns}0" up && ip -n "${ns}b" link set "${ns}1" up
}

wire_bytes() { # that crossed it, both directions, headers included
    local file="/sys/class/net/${ns}1/statistics"
    ip netns exec "${ns}b" cat "$file/rx_bytes" "$file/tx_bytes" | paste -sd+ | bc
}

start_in() { # NAMESPACE NODE: runs the daemon there, and waits ${start_seconds:-10} seconds at most until it is ready
    local ready i
    touch "$scratch/$2.log"
    ready=$(grep -c 'event=node_ready' "$scratch/$2.log")
    ip netns exec "$1" "$qanat" run --dir "$scratch/$2" 2>>"$scratch/$2.log" >/dev/null </dev/null &
    node_pid[$2]=$!
    for i in $(seq $((${start_seconds:-10} * 20))); do
        [ "$(grep -c 'event=node_ready' "$scratch/$2.log")" -eq "$ready" ] || return 0
        sleep 0.05
    done
    return 1
}
