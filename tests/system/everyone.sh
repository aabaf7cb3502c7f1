#!/usr/bin/env bash
# The whole federation on one machine: a hub, 17 National, 3 Training and 3 Regional Centres, each a process of its own.
# QANAT_CENTRES may name a CSV (id,kind,country,...) to take them from.
. "$(dirname "$0")/kit.sh"

centres() {
    if [ -n "${QANAT_CENTRES:-}" ]; then
        grep -vE '^(#|id,)' "$QANAT_CENTRES" | awk -F, '$2 != "hub" { print $1, $2, ($3 == "" ? "EG" : $3) }'
        return
    fi
    awk 'BEGIN { split("PK ZM MN MY ID NG KE EG UZ SN MA ET GH RS KG ML NP", c, " ")
        for (i = 1; i <= 17; i++) print "national-" i, "national", c[i]
        for (i = 1; i <= 3; i++) print "training-" i, "training", "SG"
        for (i = 1; i <= 3; i++) print "regional-" i, "regional", "ZA" }'
}

everyone_make() {
    node_make hub hub "" CN && node_start hub || return 1
    local name kind country
    while read -r name kind country; do
        node_make "$name" "$kind" hub "$country" </dev/null && node_start "$name" || return 1
    done < <(centres)
}
check "every centre joins with its own token and runs" everyone_make

mapfile -t names < <(centres | cut -d' ' -f1)

results_enter() {
    local i=0 name
    people_make "$scratch/people.csv" 40
    for name in "${names[@]}"; do
        i=$((i + 1))
        results_make "$scratch/$name.csv" "$name" $((100 + 10 * i)) 40
        node "$name" person import "$scratch/people.csv" && node "$name" result import "$scratch/$name.csv" || return 1
    done
}
check "each centre takes its people and results" results_enter

everyone_syncs() {
    local round name
    for round in 1 2; do
        for name in "${names[@]}"; do
            node "$name" sync || { echo "$name"; return 1; }
        done
    done
}
check "each centre comes in step with the hub" everyone_syncs

totals_hold() {
    local kind expected
    for kind in enrolled started completed dropped certified attended; do
        expected=$(for n in "${names[@]}"; do tail -n +2 "$scratch/$n.csv"; done | awk -F, -v k=$kind '$4 == k' | wc -l)
        equal "$kind" "$(total hub $kind)" "$expected" || return 1
    done
}
check "the hub's totals are the sum of what the centres recorded" totals_hold

digests_agree() {
    local name
    for name in "${names[@]}"; do
        equal "results of $name" "$(stream_digests hub results | grep "^$name ")" "$(stream_digests "$name" results | grep "^$name ")" || return 1
        equal "roster at $name" "$(stream_digests "$name" roster)" "$(stream_digests hub roster)" || return 1
        equal "foreign results at $name" "$(stream_digests "$name" results | grep -v "^$name ")" "" || return 1
    done
}
check "digests are equal wherever rights allow, and nothing more is held" digests_agree

coverage_full() {
    equal reporting "$(node hub stats --format json | gojq -c '[.coverage.expected, .coverage.reporting]')" "[${#names[@]},${#names[@]}]"
}
check "coverage says that all of them report" coverage_full
finish
