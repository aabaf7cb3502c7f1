#!/usr/bin/env bash
# Strangers and misbehaving members at the listening port change nothing: memory stays small, other peers are served.
. "$(dirname "$0")/kit.sh"
stranger=${QANAT_BUILD:-$(dirname "$qanat")}/tests/system/stranger

setup() {
    node_make hub hub && node_start hub && node_make centre national hub && node_start centre && node centre sync &&
        node_make rogue national hub
}
check "a hub and a centre in step" setup

peak_kib() {
    awk '/VmHWM/ { print $2 }' "/proc/${node_pid[hub]}/status"
}

# served MODE: the misbehaviour runs while the centre syncs; both must come to a good end.
served() {
    "$stranger" "$1" "${node_port[hub]}" "$scratch/rogue" "$scratch/hub" >"$scratch/$1.said" 2>&1 &
    local pid=$! code=0
    sleep 0.5
    node centre sync --timeout 20 || code=1
    wait "$pid" || { echo "stranger: $?"; code=1; }
    cat "$scratch/$1.said"
    echo "# $(cat "$scratch/$1.said"); hub at most $(peak_kib) KiB" >>"$scratch/figures"
    [ "$(peak_kib)" -le 262144 ] || { echo "the hub took $(peak_kib) KiB"; code=1; }
    node centre sync --timeout 20 || code=1
    return $code
}
check "400 unfinished handshakes" served idle
check "a frame of 2 GiB" served giant
check "200 clients with random keys" served keys
check "a member's decompression bomb, nested protobuf and noise" served bomb

new_handshake() {
    node_stop centre && node centre sync --timeout 30
}
check "a new connection is still taken" new_handshake
check "the hub stops cleanly" node_stop hub
cat "$scratch/figures"
finish
