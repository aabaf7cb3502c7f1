#!/usr/bin/env bash
# Transfer windows: outside them not a byte, not even a connection; --now goes all the same; quota and pause hold across a restart.
. "$(dirname "$0")/kit.sh"

# A window that is closed now, whatever the hour: it opens in three hours.
opens=$(date -d '+3 hours' +%H:00)
closes=$(date -d '+4 hours' +%H:00)

tiers_make() {
    node_make hub hub && node_start hub && node_make campus campus hub && node campus sync
}
check "a hub and a campus are made and come in step" tiers_make

# Connections to the hub's port, as the kernel sees them: the campus listens and dials on loopback.
connections() {
    awk -v port="$(printf ':%04X' "${node_port[hub]}")" '$4 == "01" && substr($3, length($3) - 4) == port' /proc/net/tcp | wc -l
}

greetings() {
    grep -c peer_connected "$scratch/hub.log"
}

window_refused() { # WORD WINDOW
    local said
    said=$(node campus window add "$2" 2>&1) && return 1
    case $said in *"$1"*) ;; *) echo "$said"; return 1 ;; esac
}
check "a wrong day is named" window_refused mon-fry "mon-fry 22:00-06:00"
check "a wrong rate is named" window_refused fast "22:00-06:00 rate fast"
check "a peer that nobody knows is named" bash -c "! '$qanat' window add always --peer Nowhere --dir '$scratch/campus' 2>&1 | grep -v Nowhere"

check "a window is added" node campus window add "$opens-$closes"

silent() {
    local before
    before=$(greetings)
    node_start campus && sleep 3
    equal "connections" "$(connections)" 0 && equal "greetings" "$(greetings)" "$before"
}
check "outside its window a campus that runs does not even connect" silent

sync_waits() {
    local said code
    said=$(node campus sync 2>&1)
    code=$?
    equal "exit code" $code 75 || { echo "$said"; return 1; }
    case $said in *"next window $opens"*) ;; *) echo "$said"; return 1 ;; esac
    equal "state" "$(node campus sync --json 2>/dev/null | gojq -r .state)" waiting
}
check "sync leaves with 75 and says when the next window opens" sync_waits
check "window list says so too" bash -c "'$qanat' window list --dir '$scratch/campus' | grep -q 'closed  *$opens'"

status_says() { # FILTER
    node campus status --json | gojq -e "$1" >/dev/null || { node campus status --json; return 1; }
}
check "status names the next window in UTC" status_says \
    ".peers[0].next_window == \"$(date -u -d "@$(($(date -d "$(date -d '+3 hours' '+%F %H:00')" +%s)))" +%FT%H:%M:%SZ)\""

# A window that is half a day away by the clock of this machine, and open where it is twelve hours later or earlier.
other_zone() {
    local ahead zone number before conf=$scratch/campus/qanat.conf
    ahead=$((10#$(date +%z | cut -c 2-3)))
    [ "$(date +%z | cut -c 1)" = + ] || ahead=$((-ahead))
    zone=$(printf 'Etc/GMT%+d' $((ahead > 0 ? 12 - ahead : -12 - ahead))) # the sign is the other way round there
    [ -e "/usr/share/zoneinfo/$zone" ] || { echo "no $zone on this machine"; return 0; }
    before=$(greetings)
    number=$(node campus window add "$(date -d '+6 hours' +%H:%M)-$(date -d '+18 hours' +%H:%M)" --peer hub --json | gojq .number) &&
        cp "$conf" "$scratch/conf" && echo "time_zone = \"$zone\"" >>"$conf" && kill -HUP "${node_pid[campus]}" && eventually 10 greeted "$before" || return 1
    cp "$scratch/conf" "$conf" && kill -HUP "${node_pid[campus]}" && eventually 10 closed_again && node campus window remove "$number"
}
greeted() { [ "$(greetings)" -gt "$1" ]; }
closed_again() {
    equal "connections" "$(connections)" 0
}
check "another time zone holds as soon as the node reads its configuration again, and the machine's after it" other_zone

people_enter() {
    people_make "$scratch/people.csv" 20 && results_make "$scratch/results.csv" a 140 20 &&
        node campus person import "$scratch/people.csv" && node campus result import "$scratch/results.csv"
}
check "the campus goes on working" people_enter
check "status waits, and says for what" status_says ".state == \"waiting\" and (.sentence | contains(\"next window $opens\"))"

hub_has() { # FILE...
    equal "completed" "$(total hub completed)" "$(cat "$@" | awk -F, '$4 == "completed"' | wc -l)"
}
nothing_moved() {
    sleep 2
    equal "completed" "$(total hub completed)" 0 && equal "connections" "$(connections)" 0
}
check "nothing of it leaves" nothing_moved
plan_says() { # FILTER
    node campus sync --plan --json | gojq -e "$1" >/dev/null || { node campus sync --plan --json; return 1; }
}
check "sync --plan knows the window, and that all fits" plan_says '.peers[0] | .window.opens != null and .will_not_fit_bytes == 0 and .up.cells > 0'
plan_tight() {
    local number
    number=$(node campus window add "$opens-$closes quota 100" --peer hub --json | gojq .number) && plan_says '.peers[0].will_not_fit_bytes > 0' &&
        node campus window remove "$number"
}
check "and what does not fit a small quota" plan_tight
plan_fits() { # what it said to send is within a factor of three of what a sync then sends
    local said sent
    said=$(node campus sync --plan --json | gojq '.peers[0].up.bytes') && sent=$(node campus sync --now | sed -n 's/.* \([0-9]*\) bytes out.*/\1/p') &&
        [ "$sent" -gt 0 ] && [ $((said * 3)) -ge "$sent" ] && [ "$said" -le $((sent * 3)) ] || { echo "said $said, sent $sent"; return 1; }
}
check "sync --now does not wait, and sends about what was planned" plan_fits
check "and the hub has the figures" eventually 10 hub_has "$scratch/results.csv"
check "after the one exchange the connection is closed again" eventually 10 closed_again

more_enter() { # PREFIX [COUNT]
    results_make "$scratch/$1.csv" "$1" "${2:-70}" 20 && node campus result import "$scratch/$1.csv"
}
open_and_see() {
    more_enter b && node campus window add "00:00-24:00 quota 1G" && eventually 15 hub_has "$scratch/results.csv" "$scratch/b.csv"
}
check "an open window is added, and the campus syncs by itself" open_and_see
check "status knows of no wait any more" eventually 15 status_says '.peers[0].next_window == null and .state == "in_step"'

paused() {
    node campus sync pause && eventually 10 closed_again && more_enter c && sleep 2 &&
        equal "connections" "$(connections)" 0 && hub_has "$scratch/results.csv" "$scratch/b.csv"
}
check "sync pause ends the session and stops everything" paused
check "sync leaves with 75 while paused" bash -c "'$qanat' sync --dir '$scratch/campus' 2>&1 | grep -q paused; [ \${PIPESTATUS[0]} -eq 75 ]"
pause_survives() {
    node_stop campus && node_start campus && sleep 2 && equal "connections" "$(connections)" 0
}
check "a restart does not end the pause" pause_survives
resumed() {
    node campus sync resume && eventually 15 hub_has "$scratch/results.csv" "$scratch/b.csv" "$scratch/c.csv"
}
check "sync resume goes on" resumed

spent_bytes() {
    node campus window list --json | gojq '[.windows[] | .used_bytes // 0] | add'
}
quota_counts() {
    local before
    eventually 15 bash -c "[ \$('$qanat' window list --json --dir '$scratch/campus' | gojq '[.windows[] | .used_bytes // 0] | add') -gt 0 ]" || return 1
    node_stop campus || return 1
    before=$(spent_bytes)
    node_start campus && [ "$(spent_bytes)" -ge "$before" ]
}
check "what a quota lost is counted, and survives a restart" quota_counts

spent() {
    local number said
    number=$(node campus window list --json | gojq '.windows[] | select(.quota_bytes) | .number')
    node campus window remove "$number" && node campus window add "00:00-24:00 quota 1k per day" && more_enter d 700 || return 1
    eventually 20 bash -c "'$qanat' window list --dir '$scratch/campus' | grep -q spent" && eventually 10 closed_again || return 1
    said=$(node campus sync 2>&1)
    case $said in *"quota is spent"*) ;; *) echo "$said"; return 1 ;; esac
}
check "a quota that is spent closes the window until its next period" spent

# The other side: the hub has hours, the campus does not know.
hub_hours() {
    node campus window list --json | gojq '.windows[].number' | while read -r number; do node campus window remove "$number" || exit 1; done
    node campus sync && node hub window add "$opens-$closes" --peer campus && eventually 10 closed_again
}
check "a hub ends the session of a peer outside its window" hub_hours
sent_back() {
    node campus sync
    [ $? -eq 75 ]
}
turned_away() {
    local before
    eventually 10 sent_back || return 1 # the hub's node looks at its hours each second
    before=$(greetings)
    node campus sync 2>&1
    equal "exit code" $? 75 && equal "greetings" "$(greetings)" "$before" && eventually 10 closed_again
}
check "and tells it to come back when it calls" turned_away
check "with the window gone it is welcome again" bash -c "'$qanat' window remove 1 --dir '$scratch/hub' && '$qanat' sync --dir '$scratch/campus'"

# Results alone pass: the course that is wanted stays behind, and sync says so.
course_held() {
    local number
    mkdir -p "$scratch/soil" && echo '<title>Soil</title>' >"$scratch/soil/index.html" || return 1
    for number in $(node campus window list --json | gojq '.windows[].number'); do node campus window remove "$number"; done
    node hub course import "$scratch/soil" --id soil --lang en && node hub course publish soil && node campus course subscribe soil &&
        number=$(node campus window add "always for results" --json | gojq .number) || return 1
    node campus sync --json >"$scratch/held" && equal held "$(gojq '.held_bytes > 0' "$scratch/held")" true &&
        node campus window remove "$number" && node campus sync --json >"$scratch/held" && equal "none held" "$(gojq .held_bytes "$scratch/held")" 0
}
check "in a window for results sync tells what is held back of courses" course_held

finish
