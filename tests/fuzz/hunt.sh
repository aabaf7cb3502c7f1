#!/usr/bin/env bash
# Every fuzzer looks for something new, FUZZ_SECONDS (20) of the clock each, three to a processor, beginning at its committed corpus; prints TAP. Needs a build --with-fuzzer.
# Arguments: names of targets. A finding is printed in base64 and left in tests/fuzz/found/ of the build.
set -u
src=${QANAT_SRC:?} build=${QANAT_BUILD:?}
seconds=${FUZZ_SECONDS:-20}
found=$build/tests/fuzz/found
targets=("$@")
[ ${#targets[@]} -gt 0 ] || for source in "$src"/tests/fuzz/*_fuzz.c; do targets+=("$(basename "$source" _fuzz.c)"); done
[ -x "$build/tests/fuzz/${targets[0]}_fuzz" ] || { echo "1..0 # SKIP this build has no fuzzers: configure CC=clang --with-fuzzer"; exit 0; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$found"

hunt() { # TARGET
    mkdir "$scratch/$1"
    "$build/tests/fuzz/$1_fuzz" -max_total_time="$seconds" -max_len=8192 -timeout=20 -rss_limit_mb=2048 -artifact_prefix="$found/$1-" \
        -print_final_stats=1 "$scratch/$1" "$src/tests/fuzz/corpus/$1" >"$scratch/$1.log" 2>&1
    echo $? >"$scratch/$1.code"
}

echo "1..${#targets[@]}"
for target in "${targets[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge $((3 * $(nproc))) ]; do wait -n; done
    hunt "$target" &
done
wait
number=0
failed=0
for target in "${targets[@]}"; do
    number=$((number + 1))
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$scratch/$target.log")
    if [ "$(cat "$scratch/$target.code")" -eq 0 ] && [ "${runs:-0}" -gt 0 ]; then
        echo "ok $number - $target: nothing in $runs inputs"
        continue
    fi
    failed=$((failed + 1))
    grep -m1 '^INFO: Seed' "$scratch/$target.log"
    grep -A25 -m1 'ERROR:\|runtime error\|CHECK\|: failed' "$scratch/$target.log"
    tail -n 5 "$scratch/$target.log"
    for file in "$found/$target-"*; do [ -f "$file" ] && echo "# $(basename "$file"): $(base64 -w0 "$file" | head -c 4000)"; done
    echo "not ok $number - $target: found something, or could not run"
done
exit $((failed > 0))
