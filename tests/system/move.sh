#!/usr/bin/env bash
# move.sh: a node comes below another one: its centre's machine was built anew under another key, or it goes to another centre. It stays who it is; every
# result counts once, before and after.
. "$(dirname "$0")/kit.sh"

total=0
more() { # NAME PREFIX
    results_make "$scratch/$2.csv" "$2" 70 40
    node "$1" result import "$scratch/$2.csv" >"$scratch/$2.said" 2>&1 || { cat "$scratch/$2.said"; return 1; }
    total=$((total + 70))
}
events_at() { # NAME COUNT: figures of all kinds add up
    equal "events at $1" "$(node "$1" stats --format json | gojq '[.rows[0] | .enrolled, .started, .active, .completed, .dropped, .certified, .attended] | map(. // 0) | add')" "$2"
}
settled() { # NAME...
    local name
    for name in "$@"; do events_at "$name" $total || return 1; done
}
moved_at() { equal "above the campus at $1" "$(node "$1" peer list --json | gojq -r ".peers[] | select(.name == \"campus\") | .parent")" "$2"; }
member_of() { # NAME: what it says of the campus
    node "$1" peer list --json | gojq -r '.peers[] | select(.name == "campus") | .parent'
}

made() {
    node_make hub hub && node_start hub && node_make centre national hub && node_start centre && node_make other national hub KE && node_start other &&
        node_make campus campus centre && people_make "$scratch/people.csv" 40 && node campus person import "$scratch/people.csv" >/dev/null &&
        more campus a && node campus sync >/dev/null && eventually 20 settled hub centre campus
}
check "a campus below a centre below a hub, and another centre" made

rebuilt() {
    local token
    node_kill centre && rm -rf "$scratch/centre" && token=$(node hub invite --replaces centre 2>/dev/null) &&
        "$qanat" join --dir "$scratch/centre" --listen "tcp://127.0.0.1:${node_port[centre]}" "$token" >/dev/null && node_start centre && eventually 20 events_at hub $total
}
check "the centre's machine is lost with its key: another one takes its place" rebuilt

stranded() { # the campus knows the old key, then hears of the new one
    more campus b && node campus sync >"$scratch/told" 2>&1
    equal "exit of sync" $? 69 && grep -q "another key" "$scratch/told" || { cat "$scratch/told"; return 1; }
    node campus doctor >"$scratch/told"
    grep -q "^uplink_key " "$scratch/told" || { cat "$scratch/told"; return 1; }
    node campus sync --peer hub >/dev/null && ! node campus sync >"$scratch/told" 2>&1 && grep -q "invite --moves" "$scratch/told" || { cat "$scratch/told"; return 1; }
    node campus status | grep -q "was revoked" && node campus doctor | grep -q "^uplink_revoked "
}
check "the campus is told what to do, before it heard of that and after" stranded

id_of() {
    node hub peer list --json | gojq -er ".peers[] | select(.name == \"$1\") | .id"
}
moves_to() { # NAME
    local token id
    id=$(id_of campus) && token=$(node "$1" invite --moves campus 2>/dev/null) && node campus join "$token" >/dev/null && node campus sync >/dev/null &&
        equal id "$(id_of campus)" "$id"
}
followed() {
    moves_to centre && eventually 20 settled hub centre campus && eventually 20 moved_at hub centre && more campus c && node campus sync >/dev/null &&
        eventually 20 settled hub centre campus && equal exit "$(node campus doctor >/dev/null; echo $?)" 0
}
check "it comes below the new one with a token: its figures are there, and what it records goes on" followed

refused() {
    local token
    ! node centre invite --moves campus >/dev/null 2>"$scratch/told" && grep -q "already" "$scratch/told" || return 1
    ! node other invite --moves hub >/dev/null 2>"$scratch/told" && grep -q "stands above" "$scratch/told" || return 1
    ! node other invite --moves campus --replaces centre >/dev/null 2>&1 && ! node other invite --moves campus --file "$scratch/f" >/dev/null 2>&1 || return 1
    token=$(node other invite --moves campus 2>/dev/null) && ! "$qanat" join --dir "$scratch/thief" "$token" >/dev/null 2>"$scratch/told" && grep -q "another key.*new node" "$scratch/told" || return 1
    ! node other join "$token" >/dev/null 2>&1 && moved_at hub centre && settled hub
}
check "who may not move, and a token in other hands" refused

set_aside() { # its figures will count again elsewhere: who lets it in is told
    node centre peer quarantine campus --reason odd 2>/dev/null && eventually 20 warned && node centre peer release campus 2>/dev/null && eventually 20 events_back
}
warned() {
    node other invite --moves campus 2>&1 >/dev/null | tr '\n' ' ' | grep -q "WARNING.*quarantine.*'centre'.*odd.*peer quarantine 'campus'"
}
events_back() {
    ! warned && settled hub centre campus
}
check "who lets one in that is in quarantine is told that this ends it" set_aside

elsewhere() { # the former centre lives: what it holds of the campus is its own no more
    moves_to other && more campus d && node campus sync >/dev/null && eventually 20 settled hub other campus && eventually 20 moved_at centre other &&
        eventually 20 events_at centre 0
}
check "it goes to another centre, and the former one counts it no more" elsewhere

follower() { # a machine in the place of a lost one cannot leave that one's figures
    local token
    token=$(node other invite --replaces campus 2>/dev/null) && rm -rf "$scratch/campus" && "$qanat" join --dir "$scratch/campus" "$token" >/dev/null && node campus sync >/dev/null &&
        eventually 20 taken_over && settled hub campus
}
taken_over() {
    ! node centre invite --moves campus >/dev/null 2>"$scratch/told" && grep -q "took the place" "$scratch/told"
}
check "a node that took the place of a lost one stays where that one's figures are" follower

finish
