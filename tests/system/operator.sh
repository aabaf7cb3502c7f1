#!/usr/bin/env bash
# What operators do: back up a running node and restore it elsewhere, find and repair rotten bits, ask the doctor. Real processes, exact totals.
. "$(dirname "$0")/kit.sh"

# --- a hub, a centre, and their figures ---------------------------------------------------------------------------
tiers_make() {
    node_make hub hub "" CN && node_start hub && node_make centre national hub && node_start centre
}
check "a hub and a centre run" tiers_make

people_make "$scratch/people.csv" 60
for part in a b c d; do results_make "$scratch/$part.csv" "$part" 700 60; done

hub_counts() { # FILE...
    local kind
    for kind in enrolled started completed dropped certified attended; do
        equal "$kind" "$(total hub $kind)" "$(cat "$@" | awk -F, -v k=$kind '$4 == k' | wc -l)" || return 1
    done
}

course_make() {
    mkdir "$scratch/course" && echo '<h1>Water</h1>' >"$scratch/course/index.html" && head -c 3000000 /dev/urandom >"$scratch/course/film.mp4" &&
        node hub course import "$scratch/course" --id water --lang en --title Water && node hub course publish water &&
        node centre course subscribe water && node centre sync
}
check "a course is published and subscribed to" course_make
course_intact() { node "$1" course verify water; }
check "the centre holds it" eventually 30 course_intact centre

first_results() {
    node centre person import "$scratch/people.csv" && node centre result import "$scratch/a.csv" && node centre sync && hub_counts "$scratch/a.csv"
}
check "the first results reach the hub" first_results

# --- files as people have them ---
old_names() { # a zip of a program older than UTF-8: names in code page 437, without the flag; its manifest is UTF-8
    python3 - "$scratch/old.zip" <<'END' &&
import io, sys, zipfile
manifest = """<?xml version="1.0" encoding="UTF-8"?><manifest identifier="m" version="1.0" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
 xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"><organizations default="o"><organization identifier="o"><title>Cafe</title>
 <item identifier="i" identifierref="r"><title>Cafe</title></item></organization></organizations><resources>
 <resource identifier="r" type="webcontent" adlcp:scormtype="sco" href="caf\u00e9.html"><file href="caf\u00e9.html"/></resource></resources></manifest>"""
out = io.BytesIO()
with zipfile.ZipFile(out, "w") as archive:
    archive.writestr("imsmanifest.xml", manifest)
    archive.writestr("cafX.html", "<h1>coffee</h1>")
open(sys.argv[1], "wb").write(out.getvalue().replace(b"cafX.html", b"caf\x82.html"))
END
        node centre course import "$scratch/old.zip" --id old --lang fr | grep -q scorm12 && node centre course export old --original "$scratch/old.out" &&
        cmp "$scratch/old.zip" "$scratch/old.out" && node centre course export old --to "$scratch/old" && [ -f "$scratch/old/café.html" ]
}
check "names from before UTF-8 are read as the zip standard says, and the archive comes out byte for byte" old_names
silent_pipe() {
    mkfifo "$scratch/pipe" && ! timeout 30 "$qanat" person import --dir "$scratch/centre" "$scratch/pipe" >"$scratch/pipe.said" 2>&1 &&
        grep -q "nobody writes" "$scratch/pipe.said" && printf 'id,name\npipe1,Amina\n' >"$scratch/pipe.csv" || return 1
    cat "$scratch/pipe.csv" >"$scratch/pipe" &
    node centre person import "$scratch/pipe" | grep -q "^1 added" && node centre person import <(cat "$scratch/pipe.csv") | grep -q "1 unchanged"
}
check "a pipe that nobody writes to holds no command; one with a writer is read" silent_pipe
closed_output() { # in its own process, and handed to the running node, which goes on
    local said=$scratch/closed.said
    ! "$qanat" digest --dir "$scratch/centre" >&- 2>"$said" && grep -q "stdout is closed" "$said" &&
        ! "$qanat" person import --dir "$scratch/centre" "$scratch/pipe.csv" >&- 2>"$said" && grep -q "stdout is closed" "$said" &&
        ! "$qanat" person import --dir "$scratch/centre" "$scratch/pipe.csv" 1<"$scratch/pipe.csv" 2>"$said" && grep -q "not open for writing" "$said" &&
        "$qanat" person import --dir "$scratch/centre" "$scratch/pipe.csv" 2>&- | grep -q "1 unchanged" && kill -0 "${node_pid[centre]}"
}
check "output that has nowhere to go fails the command, and not the node" closed_output
said_once() { # the token names the address that --set says, and the next one the node's own again
    tells() { node hub invite --name later --kind campus "$@" 2>/dev/null | sed 's/^qanat1-//' | tr -- '-_' '+/' | base64 -d 2>/dev/null | grep -aq once.example; }
    tells --verbose --set advertise=tcp://once.example:7 && ! tells && node centre sync && ! grep -q level=debug "$scratch/hub.log"
}
check "what --set and --verbose say holds for one command of a running node" said_once

# --- backup and restore -------------------------------------------------------------------------------------------
backup_while_busy() {
    node centre result import "$scratch/b.csv" &
    local import=$!
    node centre backup "$scratch/centre.backup" || return 1
    wait $import && node centre sync && hub_counts "$scratch/a.csv" "$scratch/b.csv"
}
check "a centre is backed up while it takes results" backup_while_busy
check "a backup is never overwritten" bash -c "! \"$qanat\" backup --dir '$scratch/centre' '$scratch/centre.backup'"
check "a backup of the running hub works too" node hub backup "$scratch/hub.backup"

disk_full() {
    mkdir -p "$scratch/small" && mount -t tmpfs -o size=256k none "$scratch/small" 2>/dev/null || { echo "no file system can be mounted here: not tried"; return 0; }
    node centre backup "$scratch/small/centre.backup"
    local code=$? left
    left=$(ls -A "$scratch/small")
    umount "$scratch/small"
    equal "exit code" $code 73 && equal "left behind" "$left" ""
}
check "on a full disk it says 73 and leaves nothing" disk_full

lose_and_restore() {
    node centre result import "$scratch/c.csv" && node centre sync || return 1
    stream_digests centre results | awk '$1 == "centre" { print $2 }' >"$scratch/before"
    node_stop centre || return 1
    rm -rf "$scratch/centre"
    "$qanat" restore --dir "$scratch/centre" "$scratch/centre.backup" && node_start centre && node centre sync
}
check "the centre's disk is lost; it is restored from the older backup at the same place, and syncs" lose_and_restore
check "the hub's figures did not change" hub_counts "$scratch/a.csv" "$scratch/b.csv" "$scratch/c.csv"

figures_back() {
    equal "enrolled" "$(total centre enrolled)" "$(cat "$scratch"/[abc].csv | awk -F, '$4 == "enrolled"' | wc -l)" &&
        equal "streams of results" "$(stream_digests centre results)" "$(stream_digests hub results | grep '^centre ')"
}
check "what the centre had synced after the backup came back from the hub" eventually 20 figures_back
check "the course came along" course_intact centre

go_on() {
    node centre result import "$scratch/d.csv" && node centre sync || return 1
    # The closed one may be adopted by now.
    stream_digests centre results | awk '$1 == "centre" { print $2 }' | grep -qvxFf "$scratch/before" || { node centre digest; return 1; }
}
check "it goes on under a fresh incarnation" go_on
check "old and new results are counted once at the hub" hub_counts "$scratch/a.csv" "$scratch/b.csv" "$scratch/c.csv" "$scratch/d.csv"

restore_hub() {
    node_stop hub && mv "$scratch/hub" "$scratch/hub-lost" && "$qanat" restore --dir "$scratch/hub" "$scratch/hub.backup" && node_start hub && node centre sync
}
check "the hub is restored from its older backup, elsewhere than it was" restore_hub
check "it has everything again" eventually 20 hub_counts "$scratch/a.csv" "$scratch/b.csv" "$scratch/c.csv" "$scratch/d.csv"
check "verify finds nothing at either" bash -c "\"$qanat\" verify --dir '$scratch/hub' && \"$qanat\" verify --dir '$scratch/centre'"

# --- rotten bits --------------------------------------------------------------------------------------------------
flip() { # FILE OFFSET BIT
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf "\\x$(printf %02x $((byte ^ 1 << $3)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

figures() { "$qanat" stats --dir "$1" --by centre,course,gender,period --format csv; }

rot() { # verify finds each flip, or the figures are the right ones
    node_stop hub || return 1
    local right size i found=0
    right=$(figures "$scratch/hub")
    cp -a "$scratch/hub" "$scratch/sound" && sqlite_settle "$scratch/sound" || return 1
    size=$(stat -c %s "$scratch/sound/qanat.db")
    for i in $(seq "${QANAT_FLIPS:-60}"); do
        rm -rf "$scratch/rotten" && cp -a "$scratch/sound" "$scratch/rotten"
        flip "$scratch/rotten/qanat.db" $(((RANDOM * 32768 + RANDOM) % size)) $((RANDOM % 8))
        if "$qanat" verify --dir "$scratch/rotten" >"$scratch/verified" 2>&1; then
            equal "figures after flip $i" "$(figures "$scratch/rotten")" "$right" || return 1
        else
            found=$((found + 1))
        fi
    done
    echo "$found of $i were found, the others changed no figure"
    [ $found -gt 0 ]
}
# A stopped node has written its log into the database; make sure that nothing is left of it beside the copy.
sqlite_settle() { [ ! -s "$1/qanat.db-wal" ] && rm -f "$1/qanat.db-wal" "$1/qanat.db-shm"; }
check "random bits flip in the hub's database: found, or no figure changes" rot

damage_page() { # BITS CODE: flips so many of one byte in a page of cells; verify says CODE and nothing else of pages
    local pages offset bit=$((RANDOM % 7))
    pages=($(sqlite3 "file:$scratch/sound/qanat.db?immutable=1" "SELECT pageno FROM dbstat WHERE name = 'cell' AND pagetype = 'leaf'"))
    [ ${#pages[@]} -gt 0 ] || return 1
    offset=$(((pages[RANDOM % ${#pages[@]}] - 1) * 4096 + RANDOM % 4096))
    cp "$scratch/sound/qanat.db" "$scratch/hub/qanat.db" && rm -f "$scratch/hub/qanat.db-wal" "$scratch/hub/qanat.db-shm"
    flip "$scratch/hub/qanat.db" $offset $bit && { [ "$1" = 1 ] || flip "$scratch/hub/qanat.db" $offset $((bit + 1)); }
    "$qanat" verify --dir "$scratch/hub" --json 2>/dev/null | gojq -e --arg code "$2" '.findings | length > 0 and any(.code == $code)'
}
check "one bit of a page of cells rots at the hub: verify says so" damage_page 1 bits_flipped
check "and the figures are right all the same" hub_counts "$scratch/a.csv" "$scratch/b.csv" "$scratch/c.csv" "$scratch/d.csv"
repair_running() { node_start hub && node hub scrub --repair && node hub verify && node centre sync; }
check "scrub --repair in the running hub puts it back" repair_running
check "the hub's figures are exact" hub_counts "$scratch/a.csv" "$scratch/b.csv" "$scratch/c.csv" "$scratch/d.csv"

check "two bits rot" eval "node_stop hub && damage_page 2 pages_damaged"
no_wrong_figure() { # an error, or the right ones
    local now
    now=$(figures "$scratch/hub") || { echo "refused"; return 0; }
    equal "figures" "$now" "$(figures "$scratch/sound")"
}
check "no figure comes from the rotten page" no_wrong_figure
rebuild() { # a running node says what to do; a stopped one does it
    if node_start hub; then
        node hub scrub --repair 2>"$scratch/said" && return 1
        grep -q "stop the node, then qanat scrub --repair" "$scratch/said" || { cat "$scratch/said"; return 1; }
        node_stop hub || return 1
    else # the page held the roster: nothing runs without it
        grep -q "cannot read the roster.*qanat scrub --repair" "$scratch/hub.log" || return 1
    fi
    "$qanat" scrub --dir "$scratch/hub" --repair >"$scratch/repaired" || { cat "$scratch/repaired"; return 1; }
    grep -q "built anew" "$scratch/repaired" && node_start hub && node centre sync
}
check "scrub --repair builds the database anew, and the centre brings what was lost" rebuild
check "the hub's figures are exact again" eventually 20 hub_counts "$scratch/a.csv" "$scratch/b.csv" "$scratch/c.csv" "$scratch/d.csv"
check "verify finds nothing there" node hub verify

course_rots() {
    local film
    film=$(find "$scratch/centre/blobs" -size +2000k -type f)
    flip "$film" 1500000 3
    node centre verify && return 1
    node centre verify --json 2>/dev/null | gojq -e '.findings[0].code == "blob_damaged"' && node centre scrub --repair && node centre sync
}
check "a film rots at the centre and scrub gives up what is damaged" course_rots
check "the missing chunk is fetched again from the hub" eventually 30 course_intact centre

# --- the doctor ---------------------------------------------------------------------------------------------------
doctor_says() { # NAME CODE
    "$qanat" doctor --dir "$scratch/$1" --json 2>/dev/null | gojq -e --arg code "$2" '[.findings[].code] | index($code) != null'
}
doctor_well() { "$qanat" doctor --dir "$scratch/$1"; }
# The row of the hub is written when the session that runs is in step again.
check "the doctor finds no fault with a running centre" eventually 10 doctor_well centre

doctor_codes() {
    node_stop centre && doctor_says centre node_stopped || return 1
    node_stop hub && doctor_says centre uplink_unreachable || return 1
    chmod 640 "$scratch/centre/node.key" && doctor_says centre permissions_open && chmod 600 "$scratch/centre/node.key" || return 1
    node_start hub && cp "$scratch/hub/qanat.conf" "$scratch/saved.conf"
    sed -i 's/^listen.*/listen = "tcp:\/\/127.0.0.1:'"${node_port[hub]}"'"/' "$scratch/centre/qanat.conf" && doctor_says centre port_taken
}
check "it names a stopped node, an uplink out of reach, an open key, a port that is taken" doctor_codes
check "and says so by its exit code" bash -c "! \"$qanat\" doctor --dir '$scratch/centre'"
# What the unit does before the node starts, over a list of ours: BBR is added once, what is allowed otherwise stays.
bbr_allowed() {
    local line list=$scratch/allowed
    line=$(sed -n "s/^ExecStartPre=-+\/bin\/sh -c '\(.*\)'$/\1/p" "$(dirname "$0")/../../conf/qanat.service" | sed 's/\$\$/$/g')
    [ -n "$line" ] || return 1
    line=${line/modprobe -q tcp_bbr/true}
    line=${line/\/proc\/sys\/net\/ipv4\/tcp_allowed_congestion_control/$list}
    echo "reno cubic" >"$list" && sh -c "$line" && equal "added" "$(cat "$list")" "reno cubic bbr" && sh -c "$line" && equal "once" "$(cat "$list")" "reno cubic bbr"
}
check "the service allows the node what it needs against lost packets" bbr_allowed
finish
