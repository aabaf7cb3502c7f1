#!/usr/bin/env bash
# A machine that fails under a running node: a network that loses packets, syncs that fail, a file system that turns read-only, no descriptors left, allocations that fail, clocks
# from 1970 to 2099 that jump. Nothing acknowledged is lost or counted twice, nothing hangs or spins, and when the fault is over the node goes on
# without a restart. QANAT_ALLOCATIONS=N lets N allocations fail (24).
. "$(dirname "$0")/kit.sh"

shim=$QANAT_BUILD/tests/system/misfortune.so
if ldd "$qanat" | grep -q 'lib[at]san'; then
    echo "1..0 # SKIP a sanitizer stands where the faults would be put"
    exit 0
fi
mounted=()
machine_cleanup() {
    local dir
    for dir in "${node_pid[@]}"; do kill "$dir" 2>/dev/null; done
    wait 2>/dev/null
    for dir in "${mounted[@]}"; do umount "$dir" 2>/dev/null; done
    cleanup
}
trap machine_cleanup EXIT

fate() { # NAME CLOCK SYNC MEMORY FOR_GOOD [FILES [LINES [MODES]]]: from now on
    printf '%-20s\n%-20s\n%-20s\n%-20s\n%-20s\n%-20s\n%-20s\n' "$2" "$3" "$4" "$5" "${6:-0}" "${7:-0}" "${8:-0}" >"$scratch/$1.new" && cat "$scratch/$1.new" 1<>"$scratch/$1.fate"
}
start_with_fate() { # NAME [CLOCK [LINES]]: node_start with the shim before everything
    fate "$1" "${2:-0}" 0 0 0 0 "${3:-0}"
    MISFORTUNE="$scratch/$1.fate" LD_PRELOAD="$shim" node_start "$1"
}
counts() { # NODE FILE...
    local kind node=$1
    shift
    for kind in enrolled started completed dropped certified attended; do
        equal "$kind" "$(total "$node" $kind)" "$(cat "$@" | awk -F, -v k=$kind '$4 == k' | wc -l)" || return 1
    done
}
fails() { # COMMAND...: says why
    "$@" >"$scratch/answer" 2>&1 && { echo "it succeeded: $*"; cat "$scratch/answer"; return 1; }
    cat "$scratch/answer"
    [ -s "$scratch/answer" ]
}
runs() { kill -0 "${node_pid[$1]}" 2>/dev/null || { echo "$1 has ended"; tail -5 "$scratch/$1.log"; return 1; }; }
cpu_ms() { awk '{ print ($14 + $15) * 10 }' "/proc/${node_pid[$1]}/stat"; }

people_make "$scratch/people.csv" 60
fragile=() # what the node on the fragile file system has sent to the hub
for part in a b c d e f g h x y; do results_make "$scratch/$part.csv" "$part" 300 60; done
tiers_make() {
    node_make hub hub "" CN && start_with_fate hub && node_make centre national hub && start_with_fate centre &&
        node centre person import "$scratch/people.csv" && node centre result import "$scratch/a.csv" && node centre sync
}
check "a hub and a centre run" tiers_make

invited_again() {
    fate hub 0 0 0 0 1 && ! node hub invite --name filed --kind campus --file "$scratch/filed" 2>/dev/null && [ ! -e "$scratch/filed" ] &&
        fate hub 0 0 0 0 && node hub invite --name filed --kind campus --file "$scratch/filed" >/dev/null && [ -s "$scratch/filed" ]
}
check "an invitation that found no room for its file admitted nobody, and the same command makes it" invited_again

# --- lines that lose much, and no BBR -----------------------------------------------------------------------------
connections() { ss -Htnp state established "( dport = :${node_port[hub]} )" | grep -c "pid=${node_pid[far]},"; }
has_connections() { [ "$(connections)" -eq "$1" ]; }
braids() { [ "$(grep -c "event=braid_made .* connections=7" "$scratch/far.log")" -ge "$1" ]; }
far_installed() { node far course list --json | gojq -e --arg c "$1" '.[] | select(.course == $c and .state == "installed")' >/dev/null; }
film_made() { # NODE ID BYTES
    rm -rf "$scratch/film" && mkdir "$scratch/film" && echo '<title>Film</title>' >"$scratch/film/index.html" && head -c "$3" /dev/urandom >"$scratch/film/film.bin" &&
        node "$1" course import "$scratch/film" --id "$2" --lang en && node "$1" course publish "$2"
}
several() { # contents down, and up at the same time
    node_stop hub && start_with_fate hub 0 1 && node_make far national hub && node hub course subscribe above && node far course subscribe below || return 1
    film_made far above 20000000 && film_made hub below 40000000 && start_with_fate far 0 1 && eventually 20 braids 1 && eventually 40 far_installed below && node far course verify below &&
        eventually 40 node far sync && node hub course verify above && equal connections "$(connections)" 9
}
let_go() { # half a minute after; and made again when there is more to move and the line still loses as much, which checks between have ended at the hub
    fate hub 0 0 0 0 0 1 && eventually 60 has_connections 2 && film_made hub later 40000000 && node far course subscribe later && eventually 40 far_installed later && node far course verify later && braids 2 &&
        equal sessions "$(grep -c peer_connected "$scratch/far.log")" 1
}
check "where a connection starves contents cross nine, both ways" several

# --- syncs fail ---------------------------------------------------------------------------------------------------
syncs_fail() {
    fate centre 0 1 0 0
    fails node centre result import "$scratch/b.csv" && fails node centre result import "$scratch/b.csv" && runs centre
}
check "while the disk fails to sync, no result is acknowledged" syncs_fail
syncs_again() {
    fate centre 0 0 0 0
    node centre result import "$scratch/b.csv" && node centre result import "$scratch/b.csv" | grep -q "300" && counts centre "$scratch/a.csv" "$scratch/b.csv" && node centre sync && counts hub "$scratch/a.csv" "$scratch/b.csv"
}
check "when it syncs again the node goes on, and each result counts once" syncs_again
hub_syncs_fail() {
    fate hub 0 1 0 0
    node centre result import "$scratch/c.csv" && fails timeout 60 "$qanat" sync --dir "$scratch/centre" || return 1
    fate hub 0 0 0 0
    eventually 30 node centre sync && counts hub "$scratch"/[abc].csv
}
check "a hub that cannot sync its disk gives no receipt; afterwards it has everything once" hub_syncs_fail

# --- no descriptors left ------------------------------------------------------------------------------------------
limit() { prlimit --pid "${node_pid[$1]}" --nofile="$2:"; }
descriptors_end() {
    local held open before spent
    open=$(ls "/proc/${node_pid[hub]}/fd" | wc -l)
    limit hub $((open + 2)) || return 1
    for held in $(seq 8); do timeout 4 bash -c "exec 3<>/dev/tcp/127.0.0.1/${node_port[hub]}; sleep 4" & done
    sleep 1
    before=$(cpu_ms hub)
    sleep 2
    spent=$(($(cpu_ms hub) - before))
    echo "$spent ms of CPU in 2 s without descriptors"
    timeout 20 "$qanat" sync --dir "$scratch/centre" >/dev/null 2>&1
    wait %?sleep 2>/dev/null
    runs hub && [ $spent -lt 1500 ]
}
check "without descriptors the hub stays, and does not spin" descriptors_end
descriptors_again() {
    limit hub 1024
    sleep 4
    node centre result import "$scratch/d.csv" && eventually 40 node centre sync && counts hub "$scratch"/[abcd].csv
}
check "with descriptors again it serves, without a restart" descriptors_again

# --- the file system turns read-only ------------------------------------------------------------------------------
# ext4 on a file, given up by the kernel as after a disk error (remount,abort): what is open stays open, and every write fails. Afterwards the disk
# is repaired, elsewhere, and mounted in the same place, under the node that runs on.
disk_mount() { mount -o loop "$1" "$scratch/fragile" 2>/dev/null && mounted+=("$scratch/fragile"); }
read_only() {
    node_make fragile national hub && node_start fragile && node fragile person import "$scratch/people.csv" && node fragile result import "$scratch/x.csv" || return 1
    mount -o remount,abort "$scratch/fragile" || return 1
    fails node fragile result import "$scratch/y.csv" && runs fragile || return 1
    [ "$(node fragile status --json | gojq -r '.state, .storage.read_only' | paste -sd' ')" = "degraded true" ] || { node fragile status --json; return 1; }
    node fragile status | grep -q "the disk is read-only" || { node fragile status; return 1; }
    node fragile doctor --json 2>/dev/null | gojq -e '[.. | .code? // empty] | index("disk_read_only")' >/dev/null || { echo "doctor says nothing"; return 1; }
    counts fragile "$scratch/x.csv" || { echo "it does not answer reads"; return 1; }
}
writable_again() {
    umount -l "$scratch/fragile" && cp "$scratch/fragile.ext4" "$scratch/repaired.ext4" || return 1
    e2fsck -fy "$scratch/repaired.ext4" >/dev/null 2>&1
    disk_mount "$scratch/repaired.ext4" || return 1
    eventually 30 node fragile result import "$scratch/y.csv" && runs fragile || return 1
    counts fragile "$scratch/x.csv" "$scratch/y.csv" && node fragile status --json | gojq -e '.storage.read_only == false' >/dev/null &&
        node_stop fragile && node_start fragile && node fragile verify && node fragile sync && node_stop fragile
}
mkdir -p "$scratch/fragile"
if truncate -s 64M "$scratch/fragile.ext4" && mkfs.ext4 -q -F "$scratch/fragile.ext4" 2>/dev/null && disk_mount "$scratch/fragile.ext4" && rmdir "$scratch/fragile/lost+found"; then
    check "a file system that turns read-only: status and doctor say so, nothing is acknowledged, reads are answered" read_only
    check "when it is writable again the same process goes on, each result once" writable_again
else
    tests=$((tests + 1))
    echo "ok $tests - a file system that turns read-only # SKIP no loop device can be mounted here"
fi
[ ! -f "$scratch/fragile/node.key" ] || fragile=("$scratch/x.csv" "$scratch/y.csv")

# --- allocations fail ---------------------------------------------------------------------------------------------
allocations_fail() { # each import with the k-th allocation failing ends, refuses or succeeds; a last one without completes
    local code
    local i k ended=0 refused=0 done=0
    node_make poor national hub && node_start poor && node poor person import "$scratch/people.csv" && node_stop poor || return 1
    for i in $(seq "${QANAT_ALLOCATIONS:-24}"); do
        k=$((i < 6 ? i * 40 : 200 + (RANDOM * 32768 + RANDOM) % 6000))
        fate poor 0 0 $k $((i % 2))
        MISFORTUNE="$scratch/poor.fate" LD_PRELOAD="$shim" timeout 30 "$qanat" result import --dir "$scratch/poor" "$scratch/g.csv" >/dev/null 2>"$scratch/answer"
        case $? in
        0) done=$((done + 1)) ;;
        134) ended=$((ended + 1)) ;; # it ended itself, as it says it does
        124 | 13[0-9]) echo "allocation $k: hangs, or falls"; cat "$scratch/answer"; return 1 ;;
        *) refused=$((refused + 1)) ;;
        esac
    done
    echo "$done done, $refused refused, $ended ended"
    "$qanat" result import --dir "$scratch/poor" "$scratch/g.csv" && "$qanat" verify --dir "$scratch/poor" && counts poor "$scratch/g.csv" && node_start poor && node poor sync && counts hub "$scratch"/[abcdg].csv "${fragile[@]}"
}
check "allocations that fail leave no half, and nothing twice" allocations_fail

# --- clocks -------------------------------------------------------------------------------------------------------
epoch() { echo $(($1 - $(date +%s))); } # SECONDS: the difference to now
jump() { fate centre "$(epoch "$1")" 0 0 0; }
clocks_jump() {
    local moment
    node_stop centre && start_with_fate centre "$(epoch 0)" || return 1 # a box without a battery clock begins in 1970
    node centre result import "$scratch/e.csv" && timeout 60 "$qanat" sync --dir "$scratch/centre" && counts hub "$scratch"/[abcdge].csv "${fragile[@]}" || return 1
    for moment in 4070908800 86400 1793836800 951782400 4102444700; do # 2099, 1970, 2026, 2000, the last hours of 2099
        jump $moment
        timeout 20 "$qanat" status --dir "$scratch/centre" >/dev/null || { echo "status hangs at $moment"; return 1; }
        timeout 60 "$qanat" sync --dir "$scratch/centre" || { echo "no sync at $moment"; return 1; }
        runs centre || return 1
    done
    node centre result import "$scratch/f.csv" && timeout 60 "$qanat" sync --dir "$scratch/centre" && counts hub "$scratch"/[abcdgef].csv "${fragile[@]}"
}
check "a clock that jumps between 1970 and 2099 loses nothing and hangs nothing" clocks_jump
periods_stand() { # the month of a result is that of its event, whatever the clock says
    equal "periods" "$(node hub stats --by period --format json | gojq -r '[.rows[] | select(.completed > 0) | .by.period] | sort | join(" ")')" \
        "$(awk -F, '$4 == "completed" { print substr($5, 1, 7) }' "$scratch"/[abcdgef].csv "${fragile[@]}" | sort -u | xargs)"
}
check "the figures stand in the months of their events" periods_stand
back_in_time() { # the clock is set right: what was stamped in 2099 does not shut out what comes now
    jump "$(date +%s)"
    node centre result import "$scratch/h.csv" && timeout 60 "$qanat" sync --dir "$scratch/centre" && counts hub "$scratch"/[abcdgefh].csv "${fragile[@]}" &&
        node_stop centre && node_start centre && timeout 60 "$qanat" sync --dir "$scratch/centre" && counts hub "$scratch"/[abcdgefh].csv "${fragile[@]}"
}
check "with the right clock again everything goes on" back_in_time
schedules() { # windows answer at every clock
    local moment
    node centre window add "mon-fri 22:00-06:00 rate 2M quota 1G" && node_stop centre || return 1
    for moment in 0 951782400 4102444700; do
        fate centre "$(epoch $moment)" 0 0 0
        MISFORTUNE="$scratch/centre.fate" LD_PRELOAD="$shim" timeout 20 "$qanat" window list --dir "$scratch/centre" || return 1
        MISFORTUNE="$scratch/centre.fate" LD_PRELOAD="$shim" timeout 20 "$qanat" status --dir "$scratch/centre" >/dev/null || return 1
    done
}
check "windows are answered in 1970, 2000 and 2099" schedules
check "after half a minute's rest two are left; and there are nine again, in the same session, when there is more to move" let_go
node_stop far
tokens() { # an invitation lives by the inviter's clock: after a jump behind its end it is refused, and said so
    local token
    node_stop hub && start_with_fate hub || return 1
    token=$("$qanat" invite --dir "$scratch/hub" --name late --kind national --country FR --expires 1d 2>/dev/null) || return 1
    fate hub $((3 * 86400)) 0 0 0
    "$qanat" init --dir "$scratch/late" --name late --kind national --country FR --listen "tcp://127.0.0.1:$(free_port)" >/dev/null 2>&1 || return 1
    fails "$qanat" join --dir "$scratch/late" "$token" || return 1
    fate hub 0 0 0 0
    timeout 60 "$qanat" join --dir "$scratch/late" "$token"
}
check "an invitation that ran out is refused, and taken when the clock is right" tokens

# --- a change of keys that cannot be written ----------------------------------------------------------------------
keys_wait() { # admitted, and node.key.former finds no room: the node does not begin anew each second for it
    node_make keys national hub && start_with_fate keys && next=$(node keys key rotate 2>/dev/null) && node keys sync && fate keys 0 0 0 0 1 &&
        node hub key admit keys --key-begins "${next:0:12}" && eventually 15 grep -q event=key_change_waits "$scratch/keys.log" && sleep 4 &&
        equal "turns" "$(grep -c event=node_turning "$scratch/keys.log")" 1 && node keys sync || return 1
    node keys doctor --json | gojq -e '[.findings[].code] | index("key_waits") != null' >/dev/null || { echo "the doctor does not tell"; return 1; }
}
check "a change of keys that finds no room rests; the node works on, and the doctor tells" keys_wait
keys_change() {
    node_stop keys && fate keys 0 0 0 0 && node_start keys &&
        equal "key" "$(node keys key show keys --json | gojq -r '.keys[] | select(.state == "present") | .key')" "$next" && eventually 15 node keys sync
}
check "with room the keys change" keys_change

# --- a stick that keeps no modes: FAT, as most are -----------------------------------------------------------------
on_stick() { # COMMAND WORD...
    MISFORTUNE="$scratch/stick.fate" LD_PRELOAD="$shim" "$qanat" "$@" >"$scratch/stick.out" 2>&1 || { echo "$*"; cat "$scratch/stick.out"; return 1; }
}
sticks_serve() {
    local at="$scratch/stick" zip="$scratch/stick.zip" n="$scratch/bystick"
    fate stick 0 0 0 0 0 0 1 && mkdir "$at" && (cd "$scratch" && echo '<title>On a stick</title>' >index.html && python3 -m zipfile -c "$zip" index.html) &&
        node_stop hub && on_stick authority new-key "$at/asia.key" && on_stick invite --dir "$scratch/hub" --name bystick --kind national --file "$at/invitation" &&
        on_stick join --dir "$n" --file "$at/invitation" && on_stick bundle export --dir "$n" --for hub "$at/up" &&
        on_stick bundle import --dir "$scratch/hub" "$at/up" && on_stick backup --dir "$n" "$at/backup" &&
        on_stick course import --dir "$n" "$zip" --id stick --lang en && on_stick course export --dir "$n" stick --original "$at/out.zip" &&
        cmp "$zip" "$at/out.zip" && on_stick person export --dir "$n" "$at/people.csv"
}
check "keys, invitations, bundles, backups and archives are written to a stick that keeps no modes" sticks_serve
finish
