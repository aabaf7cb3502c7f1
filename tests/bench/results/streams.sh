#!/usr/bin/env bash
# streams.sh: what "nothing changed" costs between a hub and a centre when both hold the streams of many nodes. STREAMS="20 10000" are the numbers.
set -euo pipefail
# A network of its own, where it can be had: nothing else crosses the interface that is counted.
if [ -z "${QANAT_BENCH_ALONE:-}" ] && unshare -n true 2>/dev/null; then
    QANAT_BENCH_ALONE=1 exec unshare -n sh -c 'ip link set lo up && exec "$0" "$@"' "$0" "$@"
fi
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${QANAT_BUILD:-build}" && pwd)
source "$here/../../system/kit.sh"

# wire: bytes of IP packets that crossed loopback so far; the interface counts 14 bytes of Ethernet head with each.
wire() {
    awk '/lo:/ { print $2 - 14 * $3 }' /proc/net/dev
}

for streams in ${STREAMS:-20 10000}; do
    hub=hub$streams centre=centre$streams
    node_make "$hub" hub "" CN
    "$build/tests/bench/results/members" "$scratch/$hub" "$streams"
    node_start "$hub"
    node_make "$centre" national "$hub" EG 2>/dev/null
    start=$EPOCHREALTIME
    node "$centre" sync >"$scratch/said" 2>&1 || { cat "$scratch/said"; exit 1; }
    first=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f", b - a }')
    held=$(node "$centre" digest --json | gojq '.streams | length')
    before=$(wire) start=$EPOCHREALTIME
    node "$centre" sync --json >"$scratch/said" 2>/dev/null
    echo "$held streams at the centre: first sync $first s; nothing changed: $(gojq '.bytes_in + .bytes_out' "$scratch/said") B payload," \
        "$(($(wire) - before)) B with IP, TCP, CURVE and the handshake, $(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f", b - a }') s;" \
        "hub $(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/${node_pid[$hub]}/status") MiB"
    node_stop "$hub"
done
