#!/usr/bin/env bash
# replace.sh: a machine is lost with its disk. With a copy of its key the node is built anew from its peers; without one another identity takes over
# name and figures; a node put out of the federation leaves exactly what was accepted of it. Real processes, totals before and after.
. "$(dirname "$0")/kit.sh"

total=0
record() { # NAME PREFIX COUNT [FIRST PERSON]
    results_make "$scratch/$2.csv" "$2" "$3" 40
    node "$1" result import "$scratch/$2.csv" >"$scratch/$2.said" 2>&1 || { cat "$scratch/$2.said"; return 1; }
}
more() {
    record "$1" "$2" 70 && total=$((total + 70))
}
events_at() { # NAME COUNT: figures of all kinds add up
    equal "events at $1" "$(node "$1" stats --format json | gojq '[.rows[0] | .enrolled, .started, .active, .completed, .dropped, .certified, .attended] | map(. // 0) | add')" "$2"
}
registered_at() {
    equal "registered at $1" "$(total "$1" registered)" "$2"
}
settled() { # EVENTS
    events_at hub "$1" && events_at centre "$1" && events_at campus "$1"
}
id_of() {
    node "$1" peer list --json | gojq -r ".peers[] | select(.name == \"$2\") | .id"
}
rows_of() { # the rows of one node, at the hub
    node hub stats --by node,period --json | gojq -c "[.rows[] | select(.by.node == \"$1\") | [.by.period, .enrolled, .started, .completed, .minutes, .score.n, .score.mean]]"
}

made() {
    node_make hub hub && node_start hub && node_make centre national hub && node_start centre && node_make campus campus centre &&
        people_make "$scratch/people.csv" 40 && node campus person import "$scratch/people.csv" >/dev/null && node_start campus && more campus a1 &&
        node campus credential issue --person p00001 --course wells --title Wells >"$scratch/credential.json" && total=$((total + 1)) || return 1
    node_stop campus && mv "$scratch/campus" "$scratch/campus.moved" && ln -s "$scratch/campus.moved" "$scratch/campus" && node_start campus # another incarnation
    more campus a2 && eventually 20 settled $total
}
check "a campus with two incarnations below a centre below a hub" made

lost() { # the disk is gone
    node_kill campus && rm -rf "$scratch/campus" "$scratch/campus.moved"
}
with_key() {
    local before id token
    before=$(rows_of campus) id=$(id_of hub campus) && cp "$scratch/campus/node.key" "$scratch/kept.key" && lost || return 1
    ! node hub invite --replaces campus >/dev/null 2>"$scratch/refused" && grep -q "not directly below" "$scratch/refused" || return 1
    ! node centre invite --name campus --kind campus >/dev/null 2>&1 || return 1
    token=$(node centre invite --replaces campus 2>/dev/null) &&
        "$qanat" join --dir "$scratch/campus" --key "$scratch/kept.key" --listen "tcp://127.0.0.1:${node_port[campus]}" "$token" >/dev/null && node_start campus &&
        eventually 30 settled $total && equal id "$(id_of hub campus)" "$id" && equal rows "$(rows_of campus)" "$before"
}
check "with a copy of the key: the same node, and all its figures are back from the centre" with_key

goes_on() {
    node campus person import "$scratch/people.csv" >/dev/null && more campus a3 && eventually 20 settled $total
}
check "it goes on: new results count" goes_on
judged() { # VERDICT REPLACED_BY, at the hub
    node hub credential verify "$scratch/credential.json" --json >"$scratch/judged.json"
    equal "verdict" "$(gojq -c '[.verdict, .issuer.replaced_by]' "$scratch/judged.json")" "[\"$1\",$2]"
}
check "what it issued is good still" judged valid null

streams_same() { # every stream of NAME is the same at both
    equal "$1 at the hub" "$(stream_digests hub results | grep "^$1")" "$(stream_digests centre results | grep "^$1")"
}

without_key() {
    local before old token
    node_stop hub && more campus b1 && eventually 20 events_at centre $total && lost || return 1
    old=$(id_of centre campus)
    token=$(node centre invite --replaces campus 2>/dev/null) &&
        "$qanat" join --dir "$scratch/campus" --listen "tcp://127.0.0.1:${node_port[campus]}" "$token" >/dev/null && node_start campus && node_start hub || return 1
    [ "$(id_of centre campus)" != "$old" ] && eventually 30 settled $total && node centre audit list --json | grep -q '"invite"' &&
        equal "nodes with figures" "$(node hub stats --by node --json | gojq -c '[.rows[] | select(.enrolled > 0) | .by.node]')" '["campus"]' &&
        eventually 20 streams_same "campus~" && [ "$(stream_digests hub results | grep -c "^campus~")" -gt 0 ]
}
check "without the key: a new identity under the old name; the old one's figures stay, those the hub had not heard of too" without_key
check "what the old one issued names who took over" eventually 20 judged issuer_revoked '"campus"'

successor_goes_on() {
    node campus person import "$scratch/people.csv" >/dev/null && more campus b2 && eventually 20 settled $total && node hub stats --json | gojq -e '.coverage.expected == 2'
}
check "it goes on under that name" successor_goes_on

by_syncs() { # a node that runs for a sync only, and imports its files before the first one
    local token
    lost && token=$(node centre invite --replaces campus 2>/dev/null) && "$qanat" join --dir "$scratch/campus" "$token" >/dev/null &&
        node campus person import "$scratch/people.csv" >/dev/null && node campus result import "$scratch/b2.csv" | grep -q "^70 durable" && node campus sync >/dev/null &&
        events_at campus $total && eventually 20 events_at hub $total && eventually 20 events_at centre $total
}
check "once more, by a node that runs for a sync only: what it imported before it met anybody counts once" by_syncs

# A node that is put out: what the one above accepted last is what everybody keeps, whoever holds more or less.
prefix() {
    local had=$((total + 70))
    node_make stray campus centre && node stray person import "$scratch/people.csv" >/dev/null && record stray s1 70 && node stray sync && eventually 20 events_at hub $had &&
        node_stop centre && record stray s2 70 && node stray sync --peer hub && events_at hub $((had + 70)) || return 1
    node_kill hub && node centre peer revoke stray && node_start centre && events_at centre $had && node_start hub &&
        eventually 20 events_at hub $had && eventually 20 streams_same stray && grep -q stream_trimmed "$scratch/hub.log" || return 1
    ! node stray sync 2>/dev/null && record stray s3 70 && ! node stray sync --peer hub 2>/dev/null && events_at hub $had && events_at centre $had
}
check "a node is put out: the hub, which heard more of it than the one above, ends with exactly what that one accepted" prefix

# It was a mistake: the node follows the one that it was, and what nobody kept of it counts under its new key.
put_out_by_mistake() {
    local all=$((total + 210)) file
    exits 75 node stray rekey "$(node centre invite --name other --kind campus 2>/dev/null)" --timeout 5 && grep -q "invite --replaces" "$scratch/answer" || return 1
    node stray rekey "$(node centre invite --replaces stray 2>/dev/null)" >/dev/null && node stray sync && eventually 20 events_at hub $all &&
        eventually 20 events_at centre $all && events_at stray 210 && registered_at hub 80 || return 1
    for file in s1 s2 s3; do
        node stray result import "$scratch/$file.csv" | grep -q "^0 durable" || return 1
    done
    record stray s4 70 && node stray sync && eventually 20 events_at hub $((all + 70))
}
check "that was a mistake: it goes on as a new node, and all that it recorded counts once" put_out_by_mistake

finish
