#!/usr/bin/env bash
# Course packages over a LAN pair: qanat beside rsync, casync and Syncthing from Debian (those that are installed), in one run.
# usage: packages.sh [DATA]   DATA (or QANAT_BENCH_DATA) holds v1/ v2/ (trees) and z1/courses.zip z2/courses.zip; without it a small one is made here.
. "$(dirname "$0")/lan.sh"
set -u
qanat=${QANAT:-${QANAT_BUILD:?the build directory}/qanat}
data=${1:-${QANAT_BENCH_DATA:-}}
bench=$(mktemp -d "${TMPDIR:-/tmp}/qanat-bench-XXXXXX")
pids=()

end() {
    local pid
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null
    done
    wait 2>/dev/null
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
    ip netns exec "$2" "$qanat" run --dir "$bench/$1" 2>"$bench/$1.log" &
    pids+=($!)
    local i
    for i in $(seq 100); do
        sleep 0.1
        ! grep -q event=node_ready "$bench/$1.log" || return 0
    done
    return 1
}

qanat_open() {
    "$qanat" init --dir "$bench/hub" --name hub --kind hub --country CN --listen tcp://10.78.0.1:7700 >/dev/null 2>&1 &&
        "$qanat" init --dir "$bench/campus" --name campus --kind campus --country EG >/dev/null 2>&1 && node_run hub "$lan_a" &&
        at_campus "$qanat" join --dir "$bench/campus" "$(at_hub "$qanat" invite --dir "$bench/hub" --name campus --kind campus --country EG 2>/dev/null)" >/dev/null &&
        node_run campus "$lan_b" && at_campus "$qanat" course subscribe --dir "$bench/campus" --all >/dev/null && at_campus "$qanat" sync --dir "$bench/campus" >/dev/null
}

import() { # ID WHAT
    "$qanat" course import --dir "$bench/hub" "$2" --id "$1" --lang en >/dev/null 2>&1
}

publish_and_wait() { # ID VERSION
    "$qanat" course publish --dir "$bench/hub" "$1" >/dev/null || return 1
    local i
    for i in $(seq 3000); do
        "$qanat" course list --dir "$bench/campus" --json | jq -e --arg c "$1" --arg v "$2" \
            '[.. | objects | select(.course? == $c and .version? == $v and .state? == "installed")] | length > 0' >/dev/null && return 0
        sleep 0.1
    done
    echo "version $2 of $1 did not arrive"
    return 1
}

qanat_measure() { # ID FIRST SECOND
    import "$1" "$2" && measure qanat "$1: initial" publish_and_wait "$1" 1
    import "$1" "$3" && measure qanat "$1: update" publish_and_wait "$1" 2
}

original_is_same() {
    "$qanat" course export --dir "$bench/campus" zip --original "$bench/out.zip" >/dev/null && cmp "$bench/out.zip" "$data/z2/courses.zip" &&
        echo "qanat        zip: at the campus the archive is byte for byte the one that was imported"
}

memory() {
    local pid
    for pid in $(pgrep -f "^$qanat run --dir $bench/"); do
        awk -v name="$(tr '\0' ' ' <"/proc/$pid/cmdline" | sed 's/.*bench-[^/]*.//')" '/VmHWM/ { print "qanat        peak memory of " name $2 " kB" }' "/proc/$pid/status"
    done
}

# --- peers ---
rsync_measure() {
    command -v rsync >/dev/null || return 0
    printf 'use chroot = no\n[d]\npath = %s\nread only = yes\n' "$data" >"$bench/rsyncd.conf"
    ip netns exec "$lan_a" rsync --daemon --no-detach --config "$bench/rsyncd.conf" --address 10.78.0.1 &
    pids+=($!)
    sleep 0.5
    local kind
    for kind in "v1 v2 tree" "z1 z2 zip"; do
        set -- $kind
        measure rsync "$3: initial" at_campus rsync -a -z rsync://10.78.0.1/d/"$1"/ "$bench/rsync-$3/"
        measure rsync "$3: update" at_campus rsync -a -z --fuzzy --delete-after rsync://10.78.0.1/d/"$2"/ "$bench/rsync-$3/"
    done
}

casync_measure() {
    command -v casync >/dev/null || return 0
    mkdir -p "$bench/casync"
    local v
    for v in v1 v2; do
        casync make --with=user-names --store="$bench/casync/default.castr" "$bench/casync/$v.caidx" "$data/$v" >/dev/null 2>&1 || return 0
    done
    (cd "$bench/casync" && exec ip netns exec "$lan_a" python3 -m http.server --bind 10.78.0.1 8000 >/dev/null 2>&1) &
    pids+=($!)
    sleep 1
    measure casync "tree: initial" at_campus casync extract --with=user-names --store=http://10.78.0.1:8000/default.castr http://10.78.0.1:8000/v1.caidx "$bench/casync-out1"
    measure casync "tree: update" at_campus casync extract --with=user-names --seed="$bench/casync-out1" --store=http://10.78.0.1:8000/default.castr \
        http://10.78.0.1:8000/v2.caidx "$bench/casync-out2"
}

[ -n "$data" ] || data_make
lan_open || exit 1
qanat_open || { echo "the nodes do not start"; exit 1; }
qanat_measure tree "$data/v1" "$data/v2"
qanat_measure zip "$data/z1/courses.zip" "$data/z2/courses.zip"
original_is_same
memory
rsync_measure
casync_measure
