#!/usr/bin/env bash
# cells.sh [ROWS.tsv [CHANGED.tsv]]: cells from 20 origins into a hub over CURVE on loopback, as a ratio to SQLite alone upserting the same rows in
# the same run. Rows: origin centre course period dimension value, tab-separated; without a file 1,000,000 are made.
set -euo pipefail
# A network of its own, where it can be had: nothing else crosses the interface that is counted.
if [ -z "${QANAT_BENCH_ALONE:-}" ] && unshare -n true 2>/dev/null; then
    QANAT_BENCH_ALONE=1 exec unshare -n sh -c 'ip link set lo up && exec "$0" "$@"' "$0" "$@"
fi
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${QANAT_BUILD:-build}" && pwd)
source "$here/../../system/kit.sh"
rows=${1:-$scratch/rows.tsv}
changed=${2:-$scratch/changed.tsv}
if [ ! -f "$rows" ]; then
    awk -v changed="$changed" -v n="${ROWS:-1000000}" 'BEGIN { srand(42); OFS = "\t"
        split("enrolled completed certified minutes attended", metric, " "); split("all f m u 18-24 25-44 45p sci eng edu", group, " ")
        for (p = 0; i < n; p++) for (c = 0; c < 50 && i < n; c++) for (o = 0; o < 20 && i < n; o++)
            for (a = 1; a <= 5; a++) for (b = 1; b <= 10 && i < n; b++) { i++
                key = sprintf("nc%02d\tnc%02d-campus%d\tcourse-%04d\t%d-%02d\t%s.%s", o, o, c % 10, c * 14, 2020 + int(p / 12), p % 12 + 1, metric[a], group[b])
                value = int(rand() * 5001); print key, value
                if (rand() < 0.01) print key, value + 1 + int(rand() * 50) > changed } }' >"$rows"
fi
mkdir -p "$scratch/rows" "$scratch/changed"
awk -F'\t' -v dir="$scratch/rows" '{ print > (dir "/" $1) }' "$rows"
[ ! -f "$changed" ] || awk -F'\t' -v dir="$scratch/changed" '{ print > (dir "/" $1) }' "$changed"
origins=$(ls "$scratch/rows")
# As results are folded: in the order of the cells' keys (course, campus, period, dimension).
for file in "$scratch"/rows/* "$scratch"/changed/*; do
    [ ! -f "$file" ] || LC_ALL=C sort -t "$(printf '\t')" -k3,3 -k2,2 -k4,4 -k5,5 -o "$file" "$file"
done
count=$(wc -l <"$rows")

echo "rows: $count, origins: $(wc -w <<<"$origins")"
rm -f "$scratch/plain.db"
plain=$("$build/tests/bench/results/plain" "$scratch/plain.db" "$rows")

node_make hub hub "" CN
node_start hub
for origin in $origins; do
    node_make "$origin" national hub
    node "$origin" sync >/dev/null
    "$build/tests/bench/results/fill" "$scratch/$origin" "$scratch/rows/$origin" "$origin" >/dev/null
done
# sync_all: every origin at once; prints seconds and bytes that crossed the loopback interface.
sync_all() {
    local before start=$EPOCHREALTIME pids=() origin
    before=$(awk '/lo:/ { print $2 }' /proc/net/dev)
    for origin in $origins; do
        node "$origin" sync --json >"$scratch/sync-$origin.json" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid"; done
    payload=$(cat "$scratch"/sync-*.json | gojq -s 'map(.bytes_in + .bytes_out) | add')
    echo "$payload" >"$scratch/payload"
    awk -v a="$start" -v b="$EPOCHREALTIME" -v x="$before" -v y="$(awk '/lo:/ { print $2 }' /proc/net/dev)" 'BEGIN { printf "%.3f %d\n", b - a, y - x }'
}

read -r first bytes < <(sync_all)
peak=$(awk '/VmHWM/ { print $2 }' "/proc/${node_pid[hub]}/status")
held=$(node hub digest --json | gojq '[.streams[] | select(.topic == "results") | .count] | add')
echo "initial: $first s, plain SQLite $plain s, ratio $(awk -v a="$plain" -v b="$first" 'BEGIN { printf "%.2f", a / b }') (cells held: $held)"
per() { # BYTES COUNT
    awk -v b="$1" -v n="$2" 'BEGIN { printf "%.2f", b / n }'
}
echo "wire: $(per "$(cat "$scratch/payload")" "$count") B per cell, $(per "$bytes" "$count") with TCP and CURVE; hub peak $((peak / 1024)) MiB"
read -r idle bytes < <(sync_all)
nodes=$(wc -w <<<"$origins")
echo "nothing changed: $idle s, $(($(cat "$scratch/payload") / nodes)) B per node, $((bytes / nodes)) with TCP, CURVE and the handshake"
if [ -f "$changed" ]; then
    for origin in $origins; do
        "$build/tests/bench/results/fill" "$scratch/$origin" "$scratch/changed/$origin" "$origin" >/dev/null
    done
    read -r second bytes < <(sync_all)
    cells=$(wc -l <"$changed")
    echo "changed: $cells cells, $second s, $(per "$(cat "$scratch/payload")" "$cells") B per changed cell, $(per "$bytes" "$cells") with TCP, CURVE and the handshakes"
fi
node_stop hub
size=$(stat -c %s "$scratch/hub/qanat.db")
echo "disk: $(awk -v b="$size" -v n="$count" 'BEGIN { printf "%.1f B per cell", b / n }')"
