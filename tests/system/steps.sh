#!/usr/bin/env bash
# Commands that are killed at any step of what they write: the same command again ends the work, nothing is half there under its final name, nothing is lost or twice,
# and `verify` finds nothing. A step is a sync, a rename, a link, a removal, a write into a file. QANAT_STEPS=N: so many kills of each command (6).
. "$(dirname "$0")/kit.sh"
kills=${QANAT_STEPS:-6}
strace -qq -o /dev/null true 2>/dev/null || { echo "1..0 # SKIP processes cannot be traced here"; exit 0; }
calls=fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,ftruncate,pwrite64,write

steps_of() { # COMMAND...: how many of one kind its busiest thread takes: so strace counts
    strace -f -qq -o "$scratch/trace" -e trace=$calls "$@" >/dev/null 2>&1 </dev/null || { echo "$* does not end well by itself" >&2; return 1; }
    sed 's/(.*//' "$scratch/trace" | sort | uniq -c | sort -rn | awk 'NR == 1 { print $1 }'
}
killed_at() { # N COMMAND...: true when it died
    local n=$1
    shift
    { strace -f -qq -o /dev/null -e trace=$calls -e inject=$calls:signal=KILL:when="$n" "$@" >/dev/null 2>&1 </dev/null; } 2>/dev/null
    [ $? -ge 128 ]
}
# each_step PREPARE AFTER COMMAND...: prepared anew, killed, looked at; the kills are spread over all steps, from another beginning each time.
each_step() {
    local prepare=$1 after=$2 all n i died=0
    shift 2
    $prepare 0 && all=$(steps_of "$@") || return 1
    for i in $(seq "$kills"); do
        n=$(((i - 1) * all / kills + RANDOM % (all / kills + 1) + 1))
        $prepare "$i" || { echo "not prepared for step $n of $all"; return 1; }
        killed_at "$n" "$@" 2>/dev/null && died=$((died + 1))
        $after "$@" || { echo "killed at step $n of $all"; return 1; }
    done
    echo "$died of $kills died, of $all steps"
    [ "$died" -gt $((kills / 2)) ]
}
sound() { "$qanat" verify --dir "$1"; }

fresh() { rm -rf "$scratch/new"; }
founded() { # again, unless it was done
    [ "$("$@" 2>&1 | grep -c "holds a node already")" -le 1 ] && sound "$scratch/new" && "$qanat" person add --dir "$scratch/new" --id a --name A && "$qanat" digest --dir "$scratch/new"
}
check "init" each_step fresh founded "$qanat" init --dir "$scratch/new" --name new --kind hub

setup() {
    node_make hub hub && node_start hub && node_make centre national hub && people_make "$scratch/people.csv" 50 && node centre person import "$scratch/people.csv" &&
        results_make "$scratch/r.csv" r 300 50 && node centre result import "$scratch/r.csv" && mkdir "$scratch/course" &&
        printf '<html><head><title>T</title></head><body>x</body></html>' >"$scratch/course/index.html" && head -c 3000000 /dev/urandom >"$scratch/course/film.mp4" &&
        node centre course import "$scratch/course" --id c1 --lang en && node centre course publish c1 && cp -a "$scratch/centre" "$scratch/centre.as"
}
check "a hub and a centre with results and a course" setup
figures=$(node centre stats --by course,gender --json | gojq -c .rows)

newcomer() { # the token is for one node, which may come again with it
    fresh && "$qanat" init --dir "$scratch/new" --name "n$1" --kind national >/dev/null 2>&1 && node hub invite --name "n$1" --kind national >"$scratch/token" 2>/dev/null
}
joined() {
    "$scratch/join" || node new peer list | grep -q hub || return 1
    sound "$scratch/new" && node new sync --timeout 30
}
printf '#!/bin/sh\nexec "%s" join --dir "%s" "$(cat "%s")"\n' "$qanat" "$scratch/new" "$scratch/token" >"$scratch/join" && chmod +x "$scratch/join"
check "join" each_step newcomer joined "$scratch/join"


lost_again() { # its database is lost: settings, key and membership are there
    newcomer "l$1" && "$scratch/join" >/dev/null 2>&1 && node hub invite --replaces "nl$1" >"$scratch/token" 2>/dev/null && rm -f "$scratch/new"/qanat.db*
}
kills=2 check "join, where the database was lost" each_step lost_again joined "$scratch/join"

# Killed before its settings get their name: the same token again, and it knows where it stands.
moves() {
    local renames=rename,renameat,renameat2
    node_make other national hub && node_start other && newcomer m && "$scratch/join" >/dev/null 2>&1 && node new sync --timeout 30 >/dev/null && node other sync --timeout 30 >/dev/null &&
        node other invite --moves nm >"$scratch/token" 2>/dev/null || return 1
    { strace -f -qq -o /dev/null -e trace=$renames -e inject=$renames:signal=KILL:when=1 "$scratch/join" >/dev/null 2>&1; } 2>/dev/null
    "$scratch/join" && grep "^uplink.*:${node_port[other]}" "$scratch/new/qanat.conf" && node new sync --timeout 30 && sound "$scratch/new" && node_stop other
}
check "join, of a node that moves" moves

no_backup() { rm -f "$scratch/b"*; }
backed_up() { # what stands there is whole; what was begun goes with the next one
    [ ! -e "$scratch/b" ] || { fresh && "$qanat" restore --dir "$scratch/new" "$scratch/b" || return 1; }
    rm -f "$scratch/b" && "$@" || return 1
    equal "beside the backup" "$(cd "$scratch" && echo b b?*)" "b b?*" && sound "$scratch/centre"
}
check "backup" each_step no_backup backed_up "$qanat" backup --dir "$scratch/centre" "$scratch/b"
node centre backup "$scratch/kept" >/dev/null 2>&1

restored() {
    "$@" || "$qanat" status --dir "$scratch/new" || return 1
    sound "$scratch/new" && equal figures "$("$qanat" stats --dir "$scratch/new" --by course,gender --json | gojq -c .rows)" "$figures"
}
check "restore" each_step fresh restored "$qanat" restore --dir "$scratch/new" "$scratch/kept"

put_back() { rm -rf "$scratch/centre" && cp -a "$scratch/centre.as" "$scratch/centre"; }
recorded() {
    "$@" && sound "$scratch/centre" && equal results "$(total centre enrolled)" "$more_enrolled" && equal twice "$("$@" | grep -c '^0 durable')" 1
}
results_make "$scratch/more.csv" m 300 50
node centre result import "$scratch/more.csv" >/dev/null
more_enrolled=$(total centre enrolled)
check "result import" each_step put_back recorded "$qanat" result import --dir "$scratch/centre" "$scratch/more.csv"

changed_course() { put_back && printf '<html><head><title>U</title></head><body>y</body></html>' >"$scratch/course/index.html" && head -c 2000000 /dev/urandom >"$scratch/course/more.mp4"; }
imported() {
    "$@" || return 1
    sound "$scratch/centre" && node centre course verify c1 && node centre course export c1 "$scratch/out$RANDOM$RANDOM"
}
check "course import" each_step changed_course imported "$qanat" course import --dir "$scratch/centre" "$scratch/course" --id c1 --lang en --version 2

node_stop hub
cp -a "$scratch/hub" "$scratch/hub.as"
hub_back() { rm -rf "$scratch/hub" && cp -a "$scratch/hub.as" "$scratch/hub"; }
no_stick() { put_back && hub_back && rm -f "$scratch/stick"*; }
stick_is_whole() {
    [ ! -e "$scratch/stick" ] || node hub bundle import "$scratch/stick" || return 1
    rm -f "$scratch/stick" && "$@" && sound "$scratch/centre"
}
check "bundle export" each_step no_stick stick_is_whole "$qanat" bundle export --dir "$scratch/centre" --for hub "$scratch/stick"
arrived() {
    "$@" && sound "$scratch/hub" && equal figures "$(node hub stats --by course,gender --json | gojq -c .rows)" "$figures"
}
check "bundle import" each_step hub_back arrived "$qanat" bundle import --dir "$scratch/hub" "$scratch/stick"

windowed() {
    "$@" 2>&1 | grep -E "^window 1|is there already" && node centre window list --json | grep -q 22:00 && sound "$scratch/centre"
}
check "window add" each_step put_back windowed "$qanat" window add --dir "$scratch/centre" "mon-fri 22:00-06:00 rate 2M quota 1G"
finish
