#!/usr/bin/env bash
# authority.sh: the presidency rotates: another node becomes the hub while all run, the authority is handed on k of n, a hub is lost for good and another
# takes its place, a former hub goes back to a backup. Real processes, exact totals before and after.
. "$(dirname "$0")/kit.sh"

record() { # NAME PREFIX COUNT
    results_make "$scratch/$2.csv" "$2" "$3" 40
    node "$1" result import "$scratch/$2.csv" >"$scratch/$2.said" 2>&1 || { cat "$scratch/$2.said"; return 1; }
}

events_at() { # NAME COUNT: figures of all kinds add up
    equal "events at $1" "$(node "$1" stats --format json | gojq '[.rows[0] | .enrolled, .started, .active, .completed, .dropped, .certified, .attended] | map(. // 0) | add')" "$2"
}

member_is() { # AT NAME FIELD WANTED: what the roster says of a node there
    equal "$3 of $2 at $1" "$(node "$1" peer list --json | gojq -r ".peers[] | select(.name == \"$2\") | .$3")" "$4"
}

total=0
more() { # NAME PREFIX: 70 more results
    record "$1" "$2" 70 && total=$((total + 70))
}

# hub - north, south - campus (below south)
federation_make() {
    local i
    node_make hub hub && node_start hub && node_make north national hub KE && node_start north && node_make south national hub NG && node_start south &&
        node_make campus campus south NG && node_start campus && people_make "$scratch/people.csv" 40 || return 1
    for i in north south campus; do
        node $i person import "$scratch/people.csv" >/dev/null && more $i "first-$i" || return 1
    done
    eventually 20 events_at hub $total
}
check "a hub, two centres and a campus run" federation_make
key=$scratch/hub/authority.key

# --- another hub, while all run ---
uplink_of() { # NAME WANTED: where it stands now
    equal "above $1" "$(node "$1" status --json | gojq -r '.peers[] | select(.state == "in_step") | .node' | grep -Fx "$2")" "$2"
}
promoted() {
    stream_digests hub results >"$scratch/before"
    node north promote north --key "$key" >"$scratch/promote.out" 2>&1 || { cat "$scratch/promote.out"; return 1; }
    node north sync && node south sync && node south sync && uplink_of south north || { echo "in step by sync, and not by status"; return 1; }
    eventually 20 events_at north $total && eventually 20 member_is campus north kind hub
}
check "a centre becomes the hub: every figure comes up to it" promoted
same_digests() {
    stream_digests "$1" results >"$scratch/after"
    diff "$scratch/before" "$scratch/after"
}
check "its result streams are those that the hub had, digest for digest" eventually 20 same_digests north
check "the other centre dials the new hub" eventually 20 uplink_of south north
check "the former hub dials the new hub" eventually 20 uplink_of hub north

demoted() {
    node north demote hub --kind training --key "$key" >"$scratch/demote.out" 2>&1 || { cat "$scratch/demote.out"; return 1; }
    more campus second-campus && more south second-south && eventually 20 events_at north $total && eventually 20 member_is campus hub kind training
}
check "the former hub becomes a training centre; new results come up to the new hub, exact" demoted

kept() { # the former president keeps a copy of everything
    node_stop hub && cp -a "$scratch/hub" "$scratch/hub.before" && cp "$key" "$scratch/founding.key" && node_start hub
}
check "the former president keeps a copy of node and key" kept

# --- the authority handed on: two of three, by a paper that goes from hand to hand ---
handed_on() {
    local a b c
    a=$("$qanat" authority new-key "$scratch/a.key" 2>/dev/null) && b=$("$qanat" authority new-key "$scratch/b.key" 2>/dev/null) &&
        c=$("$qanat" authority new-key "$scratch/c.key" 2>/dev/null) || return 1
    node north authority propose --keys "$a,$b,$c" --threshold 2 --key "$key" --out "$scratch/handover.paper" || return 1
    ! node south authority publish "$scratch/handover.paper" 2>/dev/null || return 1
    "$qanat" authority sign "$scratch/handover.paper" --key "$scratch/a.key" && "$qanat" authority sign "$scratch/handover.paper" --key "$scratch/c.key" &&
        node south authority publish "$scratch/handover.paper"
}
check "the authority is handed on by a paper, published at another node" handed_on
generation_is() { # NAME GENERATION DISPUTED
    equal "authority at $1" "$(node "$1" status --json | gojq -c '[.authority.generation, .authority.disputed]')" "[$2,$3]"
}
everywhere() { # COMMAND...: for every node that runs
    local name
    for name in hub north south campus; do
        "$1" "$name" "${@:2}" || return 1
    done
}
check "every node follows" eventually 20 everywhere generation_is 1 false
unchanged() {
    local federation
    federation=$(gojq -r .id "$scratch/hub/federation.json")
    [ "$federation" = "$(gojq -r .id "$scratch/campus/federation.json")" ] && more campus third-campus && eventually 20 events_at north $total
}
check "federation and figures are as before" unchanged
former_is_silent() {
    ! node north authority revoke south --key "$key" 2>/dev/null && ! node north authority revoke south --key "$scratch/a.key" 2>/dev/null &&
        node north authority show --json | gojq -e '.generation == 1 and .threshold == 2'
}
check "the former key says nothing more, and one of three is not enough" former_is_silent

newcomer() { # its token begins at generation 1
    node_make late campus south NG && node_start late && eventually 20 generation_is late 1 false
}
check "a newcomer joins after the handover" newcomer
held() {
    node north authority trust && node_stop north && node_start north && eventually 20 generation_is north 1 false
}
check "the hub holds to the handover" held

# --- a former president hands on a second time: his node goes back to before, and the founding key signs another successor there ---
rival() {
    local evil
    evil=$("$qanat" authority new-key "$scratch/evil.key" 2>/dev/null) && node_stop hub && rm -rf "${scratch:?}/hub" && cp -a "$scratch/hub.before" "$scratch/hub" &&
        node hub authority propose --keys "$evil" --threshold 1 --key "$scratch/founding.key" --key "$scratch/evil.key" && node_start hub
}
check "a former president signs a second successor" rival
disputed() {
    generation_is south 1 true && generation_is campus 1 true && generation_is late 1 false && generation_is north 1 false
}
check "who began at the founding key follows the first and raises the alarm; who holds to the handover is not touched" eventually 30 disputed
said() {
    node south status | grep -q "authority is disputed" && node south doctor --json | gojq -e '[.. | .code? // empty] | index("authority_disputed")' &&
        ! node south authority show >/dev/null 2>&1 && grep -q "event=authority_disputed" "$scratch/south.log"
}
check "status, doctor, show and the journal say so" said
settled() {
    node south authority trust && node_stop south && node_start south && eventually 20 generation_is south 1 false &&
        ! node south authority revoke campus --key "$scratch/evil.key" 2>/dev/null && more campus fourth-campus && eventually 30 events_at north $total
}
check "a node that holds to the first has its peace; the figures were never touched" settled

# --- the new hub is lost for good: the key holders put another in its place. Its own results come back from the former one, which keeps them and may have
# no more of them: it had given a receipt ---
lost() {
    eventually 20 same_results && stream_digests north results >"$scratch/before" && node_kill north && rm -rf "${scratch:?}/north"
    grep -v "^north \|^hub " "$scratch/before" >"$scratch/wanted" # the former president's node was set back: what it had closed is adopted meanwhile
    node south promote south --key "$scratch/a.key" --key "$scratch/b.key" --old-hub lost >"$scratch/lost.out" 2>&1 || { cat "$scratch/lost.out"; return 1; }
    eventually 30 member_is hub south kind hub && eventually 30 uplink_of hub south && more campus fifth-campus && eventually 30 events_at south $total
}
same_results() {
    events_at north $total
}
check "the hub's disk is lost: another is promoted with two keys, and everybody's results get up to it, its own too" lost
digests_hold() { # every stream that the lost hub held of others, as it was or further
    local node incarnation seq digest now
    while read -r node incarnation seq digest; do
        now=$(stream_digests south results | awk -v n="$node" -v i="$incarnation" '$1 == n && $2 == i { print $3, $4 }')
        [ "${now%% *}" -gt "$seq" ] || [ "$now" = "$seq $digest" ] || { echo "$node $incarnation: $seq $digest is now '$now'"; return 1; }
    done <"$scratch/wanted"
}
check "every stream that it had is there, as it was or further" eventually 20 digests_hold

# --- and its machine is rebuilt ---
rebuilt() {
    local token
    token=$(node south invite --replaces north 2>"$scratch/invite.err") || { cat "$scratch/invite.err"; return 1; }
    node_port[north]=$(free_port)
    "$qanat" join --dir "$scratch/north" "$token" --listen "tcp://127.0.0.1:${node_port[north]}" >/dev/null && node_start north || return 1
    node south promote north --key "$scratch/b.key" --key "$scratch/c.key" --old-hub national || return 1
    eventually 30 member_is hub north kind hub && eventually 30 member_is campus north kind hub && eventually 30 events_at north $total &&
        member_is north campus parent south
}
check "its machine is rebuilt, joins anew and is the hub again" rebuilt
results_equal() { # what the campus and the other centre publish is at the hub, digest for digest
    local name
    for name in campus south hub; do
        [ "$(stream_digests $name results | grep "^$name ")" = "$(stream_digests north results | grep "^$name ")" ] || return 1
    done
}
check "digests are equal" eventually 20 results_equal

# --- a former hub goes back to a backup of before: until it hears of the new one it believes that nobody stands above it, and takes over what a later
# life of its own took over already ---
reign=0
reigns() { # PREFIX: 70 more results at the old hub
    record old "$1" 70 && reign=$((reign + 70))
}
begun_anew() { # it starts where no anchor is known, as after a reboot: what was closed is taken over
    node_stop old && mv "$scratch/old" "$scratch/old.later" && ln -s old.later "$scratch/old" && node_start old && reigns anew &&
        eventually 20 grep -q event=incarnations_adopted "$scratch/old.log"
}
inherited() {
    node heir promote heir --key "$scratch/old/authority.key" >"$scratch/promote.out" 2>&1 || { cat "$scratch/promote.out"; return 1; }
    node heir demote old --kind training --key "$scratch/old/authority.key" >/dev/null 2>&1 && eventually 20 member_is old heir kind hub && eventually 20 events_at heir $reign
}
reign_made() {
    node_make old hub && node_start old && node_make heir national old KE && node_start heir && node old person import "$scratch/people.csv" >/dev/null &&
        reigns early && node old backup "$scratch/old.backup" && begun_anew && inherited
}
check "a hub that was backed up goes on, and hands over" reign_made
gone_back() {
    node_stop heir && node_kill old && rm -rf "$scratch/old" "$scratch/old.later" && "$qanat" restore --dir "$scratch/old" "$scratch/old.backup" && : >"$scratch/old.log" && node_start old &&
        reigns again && eventually 20 grep -q event=incarnations_adopted "$scratch/old.log" && member_is old heir kind national
}
check "its disk is lost and the backup restored: it is the hub, as far as it knows" gone_back
heard_of() {
    node_start heir && node heir sync --peer old && eventually 30 member_is old heir kind hub && eventually 30 events_at heir $reign && eventually 30 events_at old $reign && sleep 3 && events_at heir $reign &&
        node heir status --json | gojq -e '.alarms | map(select(.what == "figures_doubled")) == []'
}
check "it hears of the new one: every result counts once" heard_of

finish
