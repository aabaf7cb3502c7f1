#!/usr/bin/env bash
# Three tiers as real processes: join, sync, exact figures, a kill in the middle, a stranger, a revocation, a join without a link.
. "$(dirname "$0")/kit.sh"

tiers_make() {
    node_make hub hub && node_start hub &&
        node_make centre national hub && node_start centre &&
        node_make campus campus centre && node_start campus
}
check "a hub, a centre and a campus are made, join and run" tiers_make
check "the campus comes in step with its centre" node campus sync
check "the centre comes in step with the hub" node centre sync
check "the hub says who is there" bash -c "\"$qanat\" peer list --dir '$scratch/hub' --json | gojq -e '[.peers[].name] | sort == [\"campus\", \"centre\"]'"
below() {
    equal "$1" "$(node "$1" peer list --json | gojq -c '[.peers[] | [.name, .below]] | sort')" "$2"
}
all_below() {
    below hub '[["campus",true],["centre",true]]' && below centre '[["campus",true],["hub",false]]' && below campus '[["centre",false],["hub",false]]'
}
check "each says who stands below it" eventually 10 all_below

same_roster() {
    equal "roster at $1" "$(stream_digests "$1" roster)" "$(stream_digests hub roster)"
}
check "the campus holds the hub's roster, digest for digest" eventually 10 same_roster campus
check "the centre holds it too" eventually 10 same_roster centre

results_enter() {
    people_make "$scratch/people.csv" 50 && results_make "$scratch/results.csv" a 700 50 &&
        node campus person import "$scratch/people.csv" && node campus result import "$scratch/results.csv"
}
check "the campus takes people and results while all run" results_enter

hub_counts() { # FILE...
    local kind
    for kind in enrolled started completed dropped certified attended; do
        equal "$kind" "$(total hub $kind)" "$(cat "$@" | awk -F, -v k=$kind '$4 == k' | wc -l)" || return 1
    done
}
check "the hub has the campus's exact figures, with no command in between" eventually 20 hub_counts "$scratch/results.csv"

kill_and_go_on() {
    results_make "$scratch/more.csv" b 350 50
    node_kill centre
    node campus result import "$scratch/more.csv" && node_start centre
}
check "the centre is killed, the campus goes on working, the centre starts again by itself" kill_and_go_on
check "nothing is lost or counted twice" eventually 40 hub_counts "$scratch/results.csv" "$scratch/more.csv"

kill_campus() {
    results_make "$scratch/third.csv" c 140 50
    node campus result import "$scratch/third.csv" && node_kill campus && node_start campus
}
check "the campus is killed right after its results were durable" kill_campus
check "they are counted once at the hub" eventually 40 hub_counts "$scratch/results.csv" "$scratch/more.csv" "$scratch/third.csv"

no_siblings() {
    node_make other national hub && node_start other && node other sync &&
        equal "foreign results" "$(stream_digests other results | grep -v '^other ')" "" &&
        equal "roster" "$(stream_digests other roster)" "$(stream_digests hub roster)"
}
check "another centre holds the roster and nobody else's results" no_siblings

stopped_sync() {
    node_stop other && node other sync && node_start other
}
check "sync works without a running node" stopped_sync

out_of_reach() {
    node_stop other && node_stop hub || return 1
    node other sync --timeout 20
    equal "exit code" $? 69 && node_start hub && node_start other && node other sync
}
check "sync says 69 when the node above is out of reach, and 0 when it is back" out_of_reach

token_once() {
    local token
    token=$(node hub invite --name twice --kind national 2>/dev/null) || return 1
    "$qanat" join --dir "$scratch/twice" "$token" || return 1
    "$qanat" join --dir "$scratch/thrice" "$token" && return 1
    "$qanat" join --dir "$scratch/mistyped" "${token%??}xx" && return 1
    token=$(node hub invite --name late --kind national --expires 1s 2>/dev/null) || return 1
    sleep 1.1
    "$qanat" join --dir "$scratch/late" "$token" 2>"$scratch/late.err" && return 1
    grep -q "expired" "$scratch/late.err" || return 1
    ! ls -d "$scratch/thrice" "$scratch/mistyped" "$scratch/late" # who was refused has nothing in the way of the next token
}
check "a token works once, in time, and as it was written; a refused join leaves nothing" token_once

by_file() {
    node hub invite --name islet --kind national --file "$scratch/islet.invitation" &&
        equal mode "$(stat -c %a "$scratch/islet.invitation")" 600 &&
        "$qanat" join --dir "$scratch/islet" --file "$scratch/islet.invitation" && node islet sync
}
check "a node joins from a file, without a link, and syncs later" by_file

revoked_is_out() {
    node hub peer revoke other --reason "test" || return 1
    sleep 1
    node other sync --timeout 10 2>"$scratch/put-out" && { echo "a revoked node came in step"; return 1; }
    grep -q "was it revoked? qanat doctor" "$scratch/put-out" && ! grep -q "is there a link" "$scratch/put-out" || { cat "$scratch/put-out"; return 1; }
    eventually 10 bash -c "\"$qanat\" peer list --dir '$scratch/campus' --json | gojq -e '.peers[] | select(.name == \"other\") | .revoked'"
}
check "a revoked node is cut off, and the campus hears of it" revoked_is_out

idle_small() {
    local kib
    kib=$(awk '/VmRSS/ { print $2 }' "/proc/${node_pid[campus]}/status")
    echo "# campus: $kib KiB resident" >&2
    [ "$kib" -le 32768 ] || { echo "$kib KiB"; return 1; }
}
[ -n "${QANAT_SANITIZED:-}" ] || check "the idle campus stays under 32 MB" idle_small

stop_all() {
    local name
    for name in hub centre campus; do
        node_stop $name || { echo "$name: $?"; return 1; }
    done
}
check "all stop cleanly on SIGTERM" stop_all
finish
