#!/usr/bin/env bash
# import.sh: `qanat result import` of a million events of 100,000 people, as a ratio to SQLite alone inserting the same rows under the same unique id,
# as durable, in the same run. EVENTS=N and PEOPLE=N change the size; ORDER=random spreads each batch over all months, as no real export does.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${QANAT_BUILD:-build}" && pwd)
source "$here/../../system/kit.sh"
events=${EVENTS:-1000000}
people=${PEOPLE:-100000}

awk -v n="$people" 'BEGIN { print "id,name,gender"; split("female,male,female,male,other,undisclosed,", gender, ",")
    for (i = 0; i < n; i++) printf "person-%06d,Person %d,%s\n", i, i, gender[1 + i % 7] }' >"$scratch/people.csv"
# Ids are drawn as UUIDs are: in no order. Times ascend, as in an export.
awk -v n="$events" -v people="$people" -v order="${ORDER:-time}" 'BEGIN { srand(42)
    split("enrolled started active active active completed certified attended", kind, " ")
    print "event_id,person,course,kind,at,score,minutes"
    for (i = 0; i < n; i++) {
        day = order == "random" ? int(rand() * 336) : int(i * 336 / n); k = kind[1 + int(rand() * 8)]
        printf "%08x-%04x-4%03x-%08x,person-%06d,course-%03d,%s,2026-%02d-%02dT%02d:%02d:00Z,%s,%s\n", rand() * 4294967295, rand() * 65535, rand() * 4095, i,
            rand() * people, rand() * 200, k, 1 + day / 28, 1 + day % 28, rand() * 24, rand() * 60,
            k == "completed" ? sprintf("%.1f", 40 + rand() * 60) : "", k == "active" || k == "attended" ? int(5 + rand() * 85) : "" } }' >"$scratch/events.csv"
echo "events: $events, people: $people"
plain=$("$build/tests/bench/results/plain_events" "$scratch/plain.db" "$scratch/events.csv")

# timed COMMAND...: its seconds; what it says goes to stderr.
timed() {
    local start=$EPOCHREALTIME
    "$@" >&2
    awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.3f", b - a }'
}

node_make hub hub "" CN
echo "person import: $(timed node hub person import "$scratch/people.csv" 2>/dev/null) s"
first=$(timed node hub result import "$scratch/events.csv" 2>"$scratch/said")
tail -n 1 "$scratch/said"
again=$(timed node hub result import "$scratch/events.csv" 2>"$scratch/said")
tail -n 1 "$scratch/said"
cells=$(node hub digest --json | gojq '[.streams[] | select(.topic == "results") | .count] | add')
echo "result import: $first s, plain SQLite $plain s, ratio $(awk -v a="$plain" -v b="$first" 'BEGIN { printf "%.2f", a / b }') (cells: $cells); the same file again: $again s"
echo "stats --by course,gender: $(timed node hub stats --by course,gender 2>/dev/null) s"
total=$(node hub stats --format json | gojq '.rows[0] | .enrolled + .started + .active + .completed + .certified + .attended')
[ "$total" = "$events" ] || { echo "counted $total of $events events" >&2; exit 1; }
echo "disk: $(awk -v b="$(stat -c %s "$scratch/hub/qanat.db")" -v n="$events" -v p="$(stat -c %s "$scratch/plain.db")" 'BEGIN { printf "%.1f B per event, plain SQLite %.1f B", b / n, p / n }')"
