#!/usr/bin/env bash
# kill -9 in the middle of a course, of who takes it and of who gives it: what has come does not come again, counted on the interface. Needs root; skipped
# without. QANAT_CUT_MB says how large the course is (default 32; from 1000 on no more than
# 1.002 times what it costs uncut may cross), QANAT_CUT_RATE how fast (default 64M: faster than the disk, what waits for it is lost as well).
ns=qcut$$
if [ "$(id -u)" -ne 0 ] || ! ip netns add "${ns}a" 2>/dev/null; then
    echo "1..0 # SKIP network namespaces need root"
    exit 0
fi
. "$(dirname "$0")/kit.sh"
. "$(dirname "$0")/wire_kit.sh"
size=$((${QANAT_CUT_MB:-32} * 1000000))

hub_made() {
    wire_make || return 1
    "$qanat" init --dir "$scratch/hub" --name hub --kind hub --country CN --listen tcp://10.97.0.1:7700 >/dev/null && start_in "${ns}a" hub || return 1
    mkdir "$scratch/course" && echo '<title>Film</title>' >"$scratch/course/index.html" && head -c "$((size * 3 / 4))" /dev/urandom >"$scratch/course/film.bin"
    for i in $(seq 100); do head -c "$((size / 400))" /dev/urandom >"$scratch/course/part$i.bin"; done
    node hub course import "$scratch/course" --id film --lang en && node hub course publish film && rm -rf "$scratch/course"
}
check "a hub with a course of $((size / 1000000)) MB behind a wire" hub_made

campus_made() {
    local token
    "$qanat" init --dir "$scratch/$1" --name "$1" --kind campus --country EG --set retry_min_ms=100 >/dev/null &&
        token=$(node hub invite --name "$1" --kind campus --country EG) && ip netns exec "${ns}b" "$qanat" join --dir "$scratch/$1" "$token" >/dev/null &&
        ip netns exec "${ns}b" "$qanat" sync --dir "$scratch/$1" >/dev/null && node "$1" course subscribe film && node "$1" window add "always rate ${QANAT_CUT_RATE:-64M}"
}
installed() {
    node "$1" course list --json | gojq -e '.[0].state == "installed"' >/dev/null
}
halfway() { # BYTES BEFORE
    local deadline=$((SECONDS + 120))
    until [ $(($(wire_bytes) - $1)) -ge $((size / 2)) ]; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.02
    done
}

exec 3>"$scratch/figures"
whole() {
    local before
    campus_made one || return 1
    before=$(wire_bytes) from=$(date +%s%N)
    start_in "${ns}b" one && eventually 300 installed one && node_stop one || return 1
    uncut=$(($(wire_bytes) - before))
    echo "$uncut bytes for a package of $size in $((($(date +%s%N) - from) / 1000000)) ms"
    sed -n '$p' "$scratch/said" >&3
}
check "uncut it costs what it costs" whole

# killed NAME VICTIM NAMESPACE: the course goes to NAME, VICTIM dies when half of it has crossed.
killed() {
    local before total bound
    campus_made "$1" || return 1
    before=$(wire_bytes)
    start_in "${ns}b" "$1" && halfway "$before" && node_kill "$2" && start_in "$3" "$2" && eventually 300 installed "$1" && node "$1" course verify >/dev/null && node_stop "$1" || return 1
    total=$(($(wire_bytes) - before))
    # What was under way is lost, and what had come and was not written (RISKED_MAX at most together). What was written is not, committed
    # or not (node/blob/placed.h, retake.c).
    bound=$((uncut + 3000000))
    [ "$size" -lt 1000000000 ] || bound=$((uncut / 1000 * 1002))
    echo "$total bytes, $((total - uncut)) more than uncut, $((total * 100000 / size)) of 100,000 of the package"
    [ "$total" -le "$bound" ] || return 1
    sed -n '$p' "$scratch/said" >&3
}
check "who takes it is killed halfway: no more than what was under way comes again" killed two two "${ns}b"
check "who gives it is killed halfway: the same" killed three hub "${ns}a"
sed 's/^/# /' "$scratch/figures"
finish
