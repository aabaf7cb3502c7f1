#!/usr/bin/env bash
# Transfer windows at the minute that matters: midnight, and the clock change in spring and in autumn. Time zones are made up so that the next full minute is
# that moment; so one wait of at most a minute shows them all.
. "$(dirname "$0")/kit.sh"

# zone spring|autumn|plain HH:MM MINUTE: a POSIX zone in which MINUTE (minutes since 1970) is HH:MM; in spring then 02:00 becomes 03:00, in autumn 03:00 is 02:00 again.
zone() {
    python3 - "$1" "$2" "$3" <<'END'
import sys, datetime
kind, clock, minute = sys.argv[1], sys.argv[2], int(sys.argv[3])
hour, rest = map(int, clock.split(":"))
east = (hour * 60 + rest - minute) % 1440
east -= 1440 if east > 720 else 0
text = lambda e: ("-" if e >= 0 else "+") + "%d:%02d" % divmod(abs(e), 60)
local = datetime.datetime(1970, 1, 1) + datetime.timedelta(minutes=minute + east)
day = local.timetuple().tm_yday - (1 if local.year % 4 == 0 and local.month > 2 else 0) # without 29 February
other = (day + 179) % 365 + 1
if kind == "plain":
    print("AAA" + text(east))
elif kind == "spring": # standard time until then
    print("AAA%sBBB%s,J%d/%s,J%d/3" % (text(east), text(east + 60), day, clock, other))
else: # summer time until then
    print("AAA%sBBB%s,J%d/2,J%d/%s" % (text(east - 60), text(east), other, day, clock))
END
}

# campus NAME KIND CLOCK WINDOW: a campus that joined, with that window and its own clock.
declare -A zones
campus() {
    node_make "$1" campus hub && node "$1" sync && node "$1" window add "$4" >/dev/null && zones[$1]="$2 $3"
}
made() {
    node_make hub hub "" CN && node_start hub && campus opens plain 00:00 "00:00-01:00" && campus closes plain 00:00 "23:00-24:00" &&
        campus across plain 00:00 "23:00-01:00" && campus fresh plain 00:00 "always quota 1k per day" && campus spring spring 02:00 "03:00-04:00" &&
        campus leaps spring 02:00 "02:00-03:00" && campus autumn autumn 03:00 "03:00-04:00" && campus twice autumn 03:00 "02:00-03:00" || return 1
    people_make "$scratch/people.csv" 20 && results_make "$scratch/results.csv" a 700 20 && node fresh person import "$scratch/people.csv" &&
        node fresh result import "$scratch/results.csv" 2>/dev/null
}
check "a hub, and eight campuses with windows of their own" made

by_its_clock() { # NAME COMMAND...
    local name=$1
    # shellcheck disable=SC2086
    TZ=$(zone ${zones[$name]} $minute) node "$@"
}
connected() { # NAME: how often so far
    grep -c peer_connected "$scratch/$1.log"
}
closed() {
    grep -c window_closed "$scratch/$1.log"
}
all_stopped() {
    local name
    for name in "${!zones[@]}"; do
        node_stop "$name" && rm "$scratch/$name.log" || return 1
    done
}
# Eight nodes are started, and a quota is spent, well before the minute; a machine too busy for that has a later one.
started() {
    local name ahead
    for ahead in 40 80 120; do
        minute=$((($(date +%s) + ahead - 10) / 60 + 1))
        for name in "${!zones[@]}"; do
            # shellcheck disable=SC2086
            TZ=$(zone ${zones[$name]} $minute) node_start "$name" || return 1
        done
        [ $((minute * 60 - $(date +%s))) -lt 20 ] || return 0
        all_stopped || return 1
    done
    echo "eight nodes are not started within $ahead seconds"
    return 1
}
check "they run, each by its own clock" started

turns() { # NAME CONNECTED CLOSED: how often each, so far
    equal "$1, connected and closed" "$(connected "$1") $(closed "$1")" "$2 $3"
}
all_turned() {
    local name
    for name in opens spring leaps autumn; do
        turns $name 0 1 || return 1
    done
    for name in closes across twice; do
        turns $name 1 0 || return 1
    done
}
quota_is_spent() {
    equal "a quota of today" "$(by_its_clock fresh window list --json | gojq -r '.windows[0].state')" spent
}
before() {
    local wait
    eventually 20 quota_is_spent && eventually 20 all_turned || return 1
    wait=$((minute * 60 - 4 - $(date +%s)))
    [ $wait -le 0 ] || sleep $wait
    all_turned && spent=$(connected fresh)
}
check "a minute before: who is outside its window does not connect, the others have" before

after() {
    sleep $((minute * 60 + 4 - $(date +%s)))
    date
}
check "the minute passes" after
again() {
    [ "$(connected fresh)" -gt "$spent" ]
}
check "midnight opens a window" eventually 10 turns opens 1 1
check "midnight closes a window" eventually 10 turns closes 1 1
check "a window across midnight goes on in one session" turns across 1 0
check "a quota per day begins anew at midnight" eventually 10 again
check "in spring the hour that follows the gap begins at the gap" eventually 10 turns spring 1 1
check "the hour that spring leaves out opens nothing" turns leaps 0 1
check "in autumn the next hour waits for the second time round" turns autumn 0 1
check "the hour that comes twice stays open" turns twice 1 0
opens_in_an_hour() {
    local next
    next=$(by_its_clock autumn window list --json | gojq -r '.windows[0].next_window')
    equal "the next opening" "$(date -u -d "$next" +%s)" $((minute * 60 + 3600))
}
check "and the next opening is said to be an hour away" opens_in_an_hour
finish
