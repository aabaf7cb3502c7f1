#!/usr/bin/env bash
# Course packages over a LAN pair: qanat beside rsync, casync, zsync and Syncthing from Debian (those that are installed), in one run.
# usage: packages.sh [DATA]   DATA (or QANAT_BENCH_DATA) holds v1/ v2/ (trees) and z1/courses.zip z2/courses.zip; without it a small one is made here.
# QANAT_BENCH_PACKAGES: a folder with cmi5/multi_au_framed*.zip and localised/: what updates of real courses cost. QANAT_WANEM: the source of an
# emulator of bad links, as for tests/system/wan.sh. QANAT_BENCH_ONLY: some of
# "curve tree zip edits import real rsync casync zsync syncthing wan"; QANAT_BENCH_CONGESTION: some of "bbr cubic" (both);
# QANAT_BENCH_COLD=1: nothing in memory beforehand.
[ -n "${QANAT_BENCH_INSIDE:-}" ] || QANAT_BENCH_INSIDE=1 exec unshare -m bash "$0" "$@"
here=$(dirname "$0")
. "$here/lan.sh"
. "$here/peers.sh"
set -u
qanat=${QANAT:-${QANAT_BUILD:?the build directory}/qanat}
curve=${QANAT_BUILD:-$(dirname "$qanat")}/tests/bench/packages/curve
data=${1:-${QANAT_BENCH_DATA:-}}
only=" ${QANAT_BENCH_ONLY:-curve tree zip edits import real rsync casync zsync syncthing wan} "
bench=$(mktemp -d "${TMPDIR:-/tmp}/qanat-bench-XXXXXX")
pids=()
pid_hub=0 pid_campus=0 failures=0 last_ms=0 last_bytes=0

pids_end() {
    local pid
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null
    done
    for pid in "${pids[@]}"; do
        wait "$pid" 2>/dev/null # not for the emulator of the link
    done
    pids=()
    pid_hub=0 pid_campus=0
}
end() {
    pids_end
    lan_close
    rm -rf "$bench"
}
trap end EXIT

data_make() {
    data=$bench/data
    python3 - "$data" <<'PY'
import os, random, sys, zipfile
out, r = sys.argv[1], random.Random(7)
words = ["".join(chr(r.randint(97, 122)) for _ in range(r.randint(2, 9))) for _ in range(3000)]
page = lambda: "<!DOCTYPE html><title>p</title>" + "".join("<p>%s</p>\n" % " ".join(r.choices(words, k=90)) for _ in range(20))
files = {"pages/p%03d.html" % i: page().encode() for i in range(200)}
files["index.html"] = b"<title>Course</title>"
files["media/film.mp4"] = r.randbytes(40 << 20)
files["media/sound.mp3"] = r.randbytes(5 << 20)
def write(v, z):
    for name, body in files.items():
        path = os.path.join(out, v, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "wb").write(body)
    os.makedirs(os.path.join(out, z), exist_ok=True)
    with zipfile.ZipFile(os.path.join(out, z, "courses.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.write(os.path.join(out, v, name), name)
write("v1", "z1")
files["pages/p007.html"] = files["pages/p007.html"].replace(b"</p>\n", b" one sentence more.</p>\n", 1)
film = files["media/film.mp4"]
files["media/film.mp4"] = film[:20 << 20] + r.randbytes(65536) + film[20 << 20:]
files["media/sound_fr.mp3"] = files.pop("media/sound.mp3")
write("v2", "z2")
PY
}

# --- qanat ---
node_run() { # NAME NAMESPACE
    ip netns exec "$2" "$qanat" run --dir "$bench/$1" >/dev/null 2>"$bench/$1.log" </dev/null &
    pids+=($!)
    node_pid=$!
    local i
    for i in $(seq 100); do
        sleep 0.1
        ! grep -q event=node_ready "$bench/$1.log" || return 0
    done
    return 1
}

# A hub and a campus with nothing in them.
nodes_open() {
    pids_end
    rm -rf "$bench/hub" "$bench/campus"
    "$qanat" init --dir "$bench/hub" --name hub --kind hub --country CN --listen tcp://10.78.0.1:7700 >/dev/null 2>&1 &&
        "$qanat" init --dir "$bench/campus" --name campus --kind campus --country EG >/dev/null 2>&1 && node_run hub "$lan_a" || return 1
    local hub=$node_pid
    at_campus "$qanat" join --dir "$bench/campus" "$(at_hub "$qanat" invite --dir "$bench/hub" --name campus --kind campus --country EG 2>/dev/null)" >/dev/null 2>&1 &&
        node_run campus "$lan_b" && at_campus "$qanat" course subscribe --dir "$bench/campus" --all >/dev/null 2>&1 &&
        at_campus "$qanat" sync --dir "$bench/campus" >/dev/null 2>&1 || return 1
    pid_hub=$hub pid_campus=$node_pid
}

# Both nodes stop, the link becomes another, both start.
nodes_over() { # RATE DELAY_MS LOSS QUEUE_MS CONGESTION
    pids_end
    wan_open "$@" && node_run hub "$lan_a" && pid_hub=$node_pid && node_run campus "$lan_b" && pid_campus=$node_pid &&
        at_campus "$qanat" sync --dir "$bench/campus" >/dev/null 2>&1
}

import() { # ID WHAT [LANG]
    "$qanat" course import --dir "$bench/hub" "$2" --id "$1" --lang "${3:-en}" >/dev/null 2>"$bench/said" || { echo "import of $2 failed: $(tail -n 1 "$bench/said")"; failures=$((failures + 1)); return 1; }
}

is_installed() { # ID VERSION [LANG]
    "$qanat" course list --dir "$bench/campus" --json | gojq -e --arg c "$1" --arg v "$2" --arg l "${3:-en}" \
        '[.. | objects | select(.course? == $c and .version? == $v and .lang? == $l and .state? == "installed")] | length > 0' >/dev/null
}

publish_and_wait() { # ID VERSION [LANG]
    "$qanat" course publish --dir "$bench/hub" "$1" --lang "${3:-en}" >/dev/null || return 1
    local i
    for i in $(seq 3000); do
        ! is_installed "$@" || return 0
        sleep 0.2 # each look takes some of the processors that are measured
    done
    echo "version $2 of $1 did not arrive"
    return 1
}

# The same for the one that is timed: the campus is asked to come in step, and nobody looks meanwhile.
publish_and_sync() { # ID VERSION
    "$qanat" course publish --dir "$bench/hub" "$1" --lang en >/dev/null || return 1
    local i
    for i in $(seq 20); do
        at_campus "$qanat" sync --dir "$bench/campus" >/dev/null || return 1
        ! is_installed "$@" || return 0
    done
    echo "version $2 of $1 did not arrive"
    return 1
}

update() { # STEP ID WHAT VERSION [LANG]
    import "$2" "$3" "${5:-en}" && measure qanat "$1" publish_and_wait "$2" "$4" "${5:-en}"
}

import_timed() { # STEP ID WHAT
    local ms
    cold
    ms=$(now_ms)
    import "$2" "$3" && import_ms=$(($(now_ms) - ms)) && printf '%-10s %-30s %33d ms\n' qanat "$1: imported" "$import_ms"
}

# What a greeting costs when nothing changed: payload, without the headers of Ethernet, IP and TCP with time stamps.
nothing_changed() {
    local bytes packets
    sleep 2
    bytes=$(lan_sum bytes) packets=$(lan_sum packets)
    at_campus "$qanat" sync --dir "$bench/campus" >/dev/null 2>&1 || return 1
    sleep 0.3
    bytes=$(($(lan_sum bytes) - bytes)) packets=$(($(lan_sum packets) - packets))
    printf '%-10s %-30s %12d bytes of payload (%d with %d headers)\n' qanat "nothing changed" $((bytes - 66 * packets)) "$bytes" "$packets"
}

qanat_tree() {
    nodes_open || return 1
    import_timed tree tree "$data/v1" && measure qanat "tree: initial" publish_and_sync tree 1 && qanat_ms=$last_ms
    update "tree: update" tree "$data/v2" 2
    nothing_changed
    cp -a "$data/v2" "$bench/moved" && mkdir "$bench/moved/elsewhere" && mv "$(find "$bench/moved" -type f -size +1M | sort | head -n 1)" "$bench/moved/elsewhere/" &&
        update "tree: a large file moved" tree "$bench/moved" 3
    rm -rf "$bench/moved"
}

qanat_zip() {
    nodes_open || return 1
    import_timed zip zip "$data/z1/courses.zip" && measure qanat "zip: initial" publish_and_sync zip 1
    update "zip: update" zip "$data/z2/courses.zip" 2
    "$qanat" course export --dir "$bench/campus" zip --original "$bench/out.zip" >/dev/null 2>&1 && cmp "$bench/out.zip" "$data/z2/courses.zip" &&
        echo "qanat      zip: at the campus the archive is byte for byte the one that was imported" || failures=$((failures + 1))
    rm -f "$bench/out.zip"
}

# One sentence in a package of 200 MB, as folder and as archive; the same archive packed anew with other dates.
qanat_edits() {
    nodes_open || return 1
    mkdir -p "$bench/large/media" "$bench/large/pages"
    local i
    for i in 1 2 3 4 5; do head -c 40000000 /dev/urandom >"$bench/large/media/film$i.mp4"; done
    python3 - "$bench/large" <<'PY'
import random, sys
r = random.Random(3)
words = ["".join(chr(r.randint(97, 122)) for _ in range(r.randint(2, 9))) for _ in range(3000)]
for i in range(200):
    open("%s/pages/p%03d.html" % (sys.argv[1], i), "w").write("<!DOCTYPE html><title>p</title>" + "".join("<p>%s</p>\n" % " ".join(r.choices(words, k=90)) for _ in range(20)))
open(sys.argv[1] + "/index.html", "w").write("<title>Large</title>")
PY
    (cd "$bench/large" && zip -q -r "$bench/large1.zip" .)
    import large "$bench/large1.zip" && publish_and_wait large 1 >/dev/null || return 1
    sed -i '0,/<p>/s/<p>/<p>One sentence more stands here, for everyone to read. /' "$bench/large/pages/p100.html"
    (cd "$bench/large" && zip -q -r "$bench/large2.zip" .)
    update "200 MB: one sentence" large "$bench/large2.zip" 2
    find "$bench/large" -exec touch -d '2026-01-02 03:04:06' {} +
    (cd "$bench/large" && zip -q -r -9 "$bench/large3.zip" .)
    update "200 MB: packed anew, dated anew" large "$bench/large3.zip" 3
    rm -rf "$bench"/large*
}

# An archive of film and pages taken in, beside what unpacking it and digesting it takes.
qanat_import() {
    nodes_open || return 1
    cat "$data/z1/courses.zip" >/dev/null
    import_timed zip zip "$data/z1/courses.zip"
    mkdir "$bench/unzipped"
    local ms
    ms=$(now_ms)
    (cd "$bench/unzipped" && unzip -q "$data/z1/courses.zip") && sha256sum "$data/z1/courses.zip" >/dev/null && sync -f "$bench/unzipped"
    ms=$(($(now_ms) - ms))
    rm -rf "$bench/unzipped"
    printf '%-10s %-30s %33d ms   (the import takes %s x as long)\n' unzip "zip: unpacked, digested, synced" "$ms" "$(awk -v a="$import_ms" -v b="$ms" 'BEGIN { printf "%.2f", a / b }')"
}

# The update over a bad link: 10 Mbit/s, 150 ms there and back, 1 % of packets lost.
wan_measure() {
    [ -n "${QANAT_WANEM:-}" ] || return 0
    local congestion
    for congestion in ${QANAT_BENCH_CONGESTION:-bbr cubic}; do
        nodes_open && import tree "$data/v1" && publish_and_wait tree 1 >/dev/null && import tree "$data/v2" && nodes_over 10000000 75 0.01 300 "$congestion" || return 1
        measure qanat "tree: update, bad link, $wan_congestion" publish_and_wait tree 2
        pids_end
        wan_shut
        rsync_wan "$congestion"
    done
}

qanat_real() {
    local lang version file
    nodes_open || return 1
    file=$QANAT_BENCH_PACKAGES/cmi5/multi_au_framed
    if [ -f "$file.zip" ]; then
        import multi "$file-older-build.zip" && publish_and_wait multi 1 >/dev/null && update "multi_au_framed: next build" multi "$file.zip" 2
    fi
    for lang in en fr ar; do
        for version in 1 2 3; do
            file=$QANAT_BENCH_PACKAGES/localised/iot-for-beginners-$lang-v$version.tar.gz
            [ ! -f "$file" ] || update "localised: $lang, version $version" iot "$file" "$version" "$lang"
        done
    done
}

wanted() { case $only in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

[ -n "$data" ] || data_make
lan_open || exit 1
echo "who        what                                     both directions       time       processor hub, campus    peak memory hub, campus"
qanat_ms=0 curve_ms=0 syncthing_ms=0 import_ms=0
! wanted curve || curve_measure
! wanted tree || qanat_tree || { echo "the nodes do not start"; failures=$((failures + 1)); }
! wanted zip || qanat_zip || { echo "the nodes do not start"; failures=$((failures + 1)); }
! wanted edits || qanat_edits || failures=$((failures + 1))
! wanted import || qanat_import || failures=$((failures + 1))
! wanted real || [ ! -d "${QANAT_BENCH_PACKAGES:-/nowhere}" ] || qanat_real || failures=$((failures + 1))
pids_end
! wanted rsync || rsync_measure
! wanted casync || casync_measure
! wanted zsync || zsync_measure
! wanted syncthing || syncthing_measure
! wanted wan || wan_measure || { echo "the bad link is not measured"; failures=$((failures + 1)); }
[ "$qanat_ms" -eq 0 ] || [ "$curve_ms" -eq 0 ] || awk -v q="$qanat_ms" -v c="$curve_ms" 'BEGIN { printf "qanat moves the tree at %.2f x what ZeroMQ with CURVE moves\n", c / q }'
[ "$qanat_ms" -eq 0 ] || [ "$syncthing_ms" -eq 0 ] || awk -v q="$qanat_ms" -v s="$syncthing_ms" 'BEGIN { printf "qanat moves the tree %.1f x as fast as Syncthing with its scan\n", s / q }'
exit $((failures > 0))
