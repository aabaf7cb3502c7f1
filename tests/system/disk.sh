#!/usr/bin/env bash
# A disk that gets full under a running node: results are stored on from the ballast, course content waits long before, what does not fit is refused
# with exit 73, and all goes on without a restart once there is room. Then a real file system that loses power. Skipped without the right to mount.
# Its mounts are its own: a script that enters a network namespace meanwhile would take a copy of them along, and a file system whose power was cut
# would stay as it is until that one ends.
if [ -z "${QANAT_DISK_INSIDE:-}" ] && unshare -m --propagation private true 2>/dev/null; then
    QANAT_DISK_INSIDE=1 exec unshare -m --propagation private bash "$0"
fi
. "$(dirname "$0")/kit.sh"

mounted=()
disk_cleanup() {
    local dir
    for dir in "${node_pid[@]}"; do kill "$dir" 2>/dev/null; done
    wait 2>/dev/null
    for dir in "${mounted[@]}"; do umount "$dir" 2>/dev/null; done
    [ -z "${loop:-}" ] || losetup -d "$loop" 2>/dev/null
    cleanup
}
trap disk_cleanup EXIT

small_disk() { # NAME SIZE: the directory of node NAME is a small file system
    mkdir -p "$scratch/$1" && mount -t tmpfs -o "size=$2" none "$scratch/$1" && mounted+=("$scratch/$1")
}
if ! small_disk probe 1m 2>/dev/null; then
    echo "1..0 # SKIP no file system can be mounted here"
    exit 0
fi

people_make "$scratch/people.csv" 60
for part in a b c d e f; do results_make "$scratch/$part.csv" "$part" 700 60; done
counts() { # NODE FILE...
    local kind node=$1
    shift
    for kind in enrolled started completed dropped certified attended; do
        equal "$kind" "$(total "$node" $kind)" "$(cat "$@" | awk -F, -v k=$kind '$4 == k' | wc -l)" || return 1
    done
}
fill() { # NAME LEFT: a file takes all room but LEFT KiB
    local room
    room=$(df -k --output=avail "$scratch/$1" | tail -1)
    [ "$room" -le "$2" ] || head -c $(((room - $2) * 1024)) /dev/zero >>"$scratch/$1/filler"
}
free_up() { rm -f "$scratch/$1/filler"; }
ballast() { node "$1" status --json | gojq -r .storage.ballast_bytes; }

# --- the hub's disk gets full -------------------------------------------------------------------------------------
tiers_make() {
    small_disk hub 64m && node_make hub hub "" CN && sed -i '/^ballast_mib/d; /^disk_floor_mib/d' "$scratch/hub/qanat.conf" &&
        printf 'ballast_mib = 4\ndisk_floor_mib = 24\n' >>"$scratch/hub/qanat.conf" &&
        node_start hub && node_make centre national hub && node_start centre &&
        node hub person import "$scratch/people.csv" && node centre person import "$scratch/people.csv" &&
        node hub result import "$scratch/a.csv" && node centre sync && equal "ballast" "$(ballast hub)" $((4 << 20))
}
check "a hub on a small disk keeps ballast" tiers_make

content_waits() {
    mkdir "$scratch/course" && echo '<h1>Water</h1>' >"$scratch/course/index.html" && head -c 6000000 /dev/urandom >"$scratch/course/film.mp4" &&
        node centre course import "$scratch/course" --id water --lang en --title Water && node centre course publish water &&
        fill hub $((26 * 1024)) && node hub course subscribe water && node centre sync && sleep 1 &&
        node hub course list --json | gojq -e '[.. | strings | select(test("no room"))] | length > 0'
}
check "course content waits while results have plenty of room" content_waits

from_the_ballast() {
    fill hub 300 && exits 0 node hub result import "$scratch/b.csv" && exits 0 node hub result import "$scratch/c.csv" &&
        grep -q ballast_released "$scratch/hub.log" && equal "ballast" "$(ballast hub)" 0
}
check "on a full disk results are stored from the ballast" from_the_ballast
check "and are counted" counts hub "$scratch/a.csv" "$scratch/b.csv" "$scratch/c.csv"

nothing_fits() {
    fill hub 0 && exits 73 node hub result import "$scratch/d.csv" && grep -q '^Free some space where' "$scratch/answer" &&
        counts hub "$scratch/a.csv" "$scratch/b.csv" "$scratch/c.csv"
}
check "when nothing fits any more it says 73 and what to do, and counts what it counted" nothing_fits
check "a centre's results are not acknowledged then" eval 'node centre result import "$scratch/e.csv" && ! node centre sync'
told() { node hub status | head -1 | grep -q "ALARM: the disk is full" && node hub status --json | gojq -e '.state == "degraded" and .storage.full'; }
check "status says so first" told
check "the doctor names it" eval '"$qanat" doctor --dir "$scratch/hub" --json | gojq -e "[.findings[].code] | index(\"disk_full\") != null"'

goes_on() {
    free_up hub && exits 0 node hub result import "$scratch/d.csv" && exits 0 node centre sync &&
        counts hub "$scratch"/[a-e].csv
}
check "with room again it goes on without a restart: all is there, once" goes_on
check "verify finds nothing" node hub verify
content_comes() { node hub course subscribe water && node hub course verify water; }
check "the content that waited is fetched" eventually 30 content_comes

full_and_stopped() {
    node_stop hub && fill hub 0 && exits 73 node hub result import "$scratch/f.csv" && exits 0 node hub stats && free_up hub && node_start hub
}
check "a full disk and no node: figures can be read, a command says 73" full_and_stopped

# --- a node is made where there is no room -------------------------------------------------------------------------
made_nowhere() { # nothing is left half done at any amount of room, and with room it is made
    local room got
    for room in 0 8 28 100; do
        small_disk bare 8m && fill bare $room
        "$qanat" init --dir "$scratch/bare/node" --name bare --kind hub >"$scratch/answer" 2>&1
        got=$?
        [ $got -eq 73 ] && grep -q "$scratch/bare" "$scratch/answer" && [ ! -e "$scratch/bare/node" ] ||
            { echo "room $room: exit $got"; cat "$scratch/answer"; ls -R "$scratch/bare"; return 1; }
        free_up bare && "$qanat" init --dir "$scratch/bare/node" --name bare --kind hub >/dev/null 2>&1 || return 1
        umount "$scratch/bare"
    done
}
check "init on a full disk says 73, names it and leaves nothing" made_nowhere

# --- room, and no inodes -------------------------------------------------------------------------------------------
no_files() { # a node that cannot make its socket says 73, the doctor why, and with fewer files it is well
    mkdir -p "$scratch/few" && mount -t tmpfs -o size=64m,nr_inodes=200 none "$scratch/few" && mounted+=("$scratch/few") &&
        "$qanat" init --dir "$scratch/few/node" --name few --kind hub >/dev/null 2>&1 || return 1
    mkdir "$scratch/few/many"
    local number=0 words
    while touch "$scratch/few/many/$number" 2>/dev/null; do number=$((number + 1)); done
    exits 73 timeout 20 "$qanat" run --dir "$scratch/few/node" || return 1
    grep -q "few/node/qanat.sock" "$scratch/answer" && grep -q "^Delete some files where $scratch/few/node lies, there is room but no inode" "$scratch/answer" || { cat "$scratch/answer"; return 1; }
    "$qanat" doctor --dir "$scratch/few/node" --json >"$scratch/answer"
    gojq -e '[.findings[].code] | (index("inodes_few") != null) and (index("disk_full") == null)' "$scratch/answer" || return 1
    "$qanat" init --dir "$scratch/alone" --name alone --kind hub >/dev/null 2>&1 || return 1
    for words in "person export" "person export --oneroster" "mirror export"; do # and what is written there by another
        # shellcheck disable=SC2086
        exits 73 "$qanat" $words "$scratch/few/out" --dir "$scratch/alone" || { echo "$words"; return 1; }
    done
    rm -r "$scratch/few/many"
    "$qanat" doctor --dir "$scratch/few/node" --json >"$scratch/answer"
    gojq -e '[.findings[].code] | index("inodes_few") == null' "$scratch/answer" && umount "$scratch/few"
}
check "a disk with room and without inodes: run says 73, the doctor names the cause" no_files

# --- power cuts ----------------------------------------------------------------------------------------------------
# A loop device with ext4 that is cut off in the middle of imports: unsynced data is gone for real. QANAT_POWER_CUTS=N cuts more often.
power_mount() { mount "$loop" "$scratch/field"; }
power_make() {
    mkdir "$scratch/field" && truncate -s 96M "$scratch/field.img" && loop=$(losetup --find --show "$scratch/field.img") &&
        mkfs.ext4 -q "$loop" && power_mount && mounted+=("$scratch/field")
}
if ! power_make 2>/dev/null; then
    echo "# no loop device with ext4 can be had here: no power is cut"
    finish
    exit
fi

field_make() {
    node_make field national hub && node_start field && node field person import "$scratch/people.csv" && node field sync
}
check "a centre lives on a disk of its own" field_make

field_import() { # FIRST: small files one after the other, until the disk is gone; what was acknowledged is noted
    local i
    for i in $(seq "$1" $(($1 + 400))); do
        results_make "$scratch/f$i.csv" "f$i" 35 60
        node field result import "$scratch/f$i.csv" >/dev/null 2>&1 || return 0
        echo "$scratch/f$i.csv" >>"$scratch/acknowledged"
    done
}

# What was acknowledged before the power went counts: nobody hears anything of a machine without power, while here the program runs on for a moment. And
# what the file system answers in that moment is not to be believed: a program that only appends and syncs, three at a time, was told success 917 times
# after the call that cuts had begun (2,000 rounds, fsync and fdatasync), and 445 of those blocks were gone, but none of the 91,091 that it had heard of
# before. So ext4 does not wait there for an fsync under way (jbd2 drops its transaction, and who looks for it finds it neither running nor committing).
# With the node stopped first, so that no sync is under way, 2,000 cuts lost none of 7,251 acknowledged imports, 807 of them within 60 ms of the cut.
# What comes later than the cut is looked at by field_half.
power_cut() { # ROUND
    field_import $(($1 * 1000)) &
    local importing=$! file heard
    sleep "0.$((RANDOM % 9 + 1))"
    [ $((RANDOM % 2)) -eq 0 ] || node field sync &
    sleep "0.$((RANDOM % 5 + 1))"
    heard=$(wc -l <"$scratch/acknowledged")
    "$QANAT_BUILD/tests/system/powercut" "$scratch/field" || return 1
    node_kill field
    wait $importing
    sed -i "$((heard + 1)),\$d" "$scratch/acknowledged"
    umount "$scratch/field" && power_mount && node_start field || return 1
    while read -r file; do
        node field result import "$file" | grep -q '^0 durable, 35 duplicate' || { echo "$file was lost"; return 1; }
    done < <(tail -n 12 "$scratch/acknowledged")
    node field verify && counts field $(cat "$scratch/acknowledged") || field_half
}
# What came in last may have been stored without the word getting through: said again it is there once.
field_half() {
    local file
    for file in "$scratch"/f[0-9]*.csv; do node field result import "$file" >/dev/null || return 1; done
    counts field "$scratch"/f[0-9]*.csv
}
: >"$scratch/acknowledged"
for round in $(seq "${QANAT_POWER_CUTS:-4}"); do
    check "power is cut in the middle of imports ($round): what was acknowledged is there, once" power_cut "$round"
done
field_home() {
    field_half && node field sync && counts hub "$scratch"/[a-e].csv "$scratch"/f[0-9]*.csv
}
check "all of it reaches the hub, once" field_home
echo "# $(wc -l <"$scratch/acknowledged") imports were acknowledged in $round rounds"
finish
