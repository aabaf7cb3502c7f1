#!/usr/bin/env bash
# Real packages: each is imported at a centre, published, and comes out at the hub and at a campus member for member as it went in.
# QANAT_PACKAGES names a directory with packages (*.zip, *.imscc, *.h5p, *.tar, *.tar.gz) and, below faulty/, some that must be refused; without it
# packages made here stand in.
. "$(dirname "$0")/kit.sh"
packages=${QANAT_PACKAGES:-}

packages_make() {
    packages=$scratch/packages
    mkdir -p "$packages/faulty" "$scratch/plain/lessons"
    printf '<!DOCTYPE html><html lang="fr"><title>Leçon</title><p>Bonjour</p>' >"$scratch/plain/index.html"
    head -c 2500000 /dev/urandom >"$scratch/plain/film.mp4"
    echo '# Lesson' >"$scratch/plain/lessons/one.md"
    tar -C "$scratch/plain" -czf "$packages/plain.tar.gz" .
    (cd "$(dirname "$0")/../../conf/demo/course/ar" && zip -qr "$packages/scorm.zip" . && zip -9qr - . | cat >"$packages/streamed.zip")
    seq 200000 >"$scratch/plain/lessons/two.md"
    tar -C "$scratch/plain" -cf - . | gzip -9 >"$packages/nine.tar.gz"
    tar -C "$scratch/plain" -cf "$packages/plain.tar" .
    head -c 900 "$packages/scorm.zip" >"$packages/faulty/cut.zip"
    echo 'no archive' >"$packages/faulty/text.zip"
}
[ -n "$packages" ] || packages_make

tiers_start() {
    node_make hub hub "" CN && node_start hub && node_make centre national hub && node_start centre && node centre sync &&
        node_make campus campus centre && node_start campus && node campus sync
}
check "hub, centre and campus run" tiers_start

mapfile -t good < <(find "$packages" -type f ! -path '*/faulty/*' | sort)
mapfile -t bad < <(find "$packages/faulty" -type f 2>/dev/null | sort)

all_published() {
    local file i=0
    node hub course subscribe --all && node campus course subscribe --all || return 1
    for file in "${good[@]}"; do
        i=$((i + 1))
        node centre course import "$file" --id "package-$i" --lang en && node centre course publish "package-$i" || return 1
    done
}
check "${#good[@]} packages are imported and published at the centre" all_published

arrived() { # NODE COUNT
    [ "$(node "$1" course list --json | gojq '[.. | objects | select(.state? == "installed")] | length')" -eq "$2" ]
}
all_arrive() {
    eventually 120 arrived hub "${#good[@]}" && eventually 120 arrived campus "${#good[@]}"
}
check "all of them arrive at the hub and at the campus" all_arrive

# members DIR: sha256 and name of every file below it.
members() {
    (cd "$1" && find . -type f -exec sha256sum {} + | sort -k2)
}

# original FILE DIR: the archive as an independent program unpacks it; a single top folder is what the import takes away, too.
original() {
    mkdir -p "$2"
    case $1 in
    *.tar.gz | *.tgz) tar -C "$2" -xzf "$1" ;;
    *.tar) tar -C "$2" -xf "$1" ;;
    *) python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])' "$1" "$2" ;;
    esac
}

all_identical() {
    local node file i=0
    for file in "${good[@]}"; do
        i=$((i + 1))
        original "$file" "$scratch/original/$i"
        for node in centre hub campus; do
            mkdir -p "$scratch/out/$node"
            node $node course export "package-$i" --to "$scratch/out/$node/$i" >/dev/null || return 1
            [ "$(members "$scratch/out/$node/$i")" = "$(members "$scratch/original/$i")" ] ||
                [ "$(members "$scratch/out/$node/$i")" = "$(members "$scratch/original/$i"/*/ 2>/dev/null)" ] ||
                { echo "$file at $node"; diff <(members "$scratch/out/$node/$i") <(members "$scratch/original/$i") | head; return 1; }
        done
    done
}
check "every member comes out byte for byte, at all three" all_identical

originals_identical() {
    local node file i=0
    for file in "${good[@]}"; do
        i=$((i + 1))
        for node in centre hub campus; do
            node $node course export "package-$i" --original "$scratch/out/$node/$i.archive" >/dev/null &&
                cmp "$file" "$scratch/out/$node/$i.archive" || return 1
        done
    done
}
check "every archive comes out byte for byte, at all three" originals_identical

all_verify() {
    node centre course verify && node hub course verify && node campus course verify
}
check "every node's files hash to their names" all_verify

bad_refused() {
    local file before after
    before=$(cd "$scratch/centre" && find blobs tmp -type f | sort)
    for file in "${bad[@]}"; do
        if node centre course import "$file" --id faulty --lang en >"$scratch/refusal" 2>&1; then
            echo "$file was taken"
            return 1
        fi
        grep -q '^qanat course import: ' "$scratch/refusal" && grep -qF "$(basename "$file")" "$scratch/refusal" || { cat "$scratch/refusal"; return 1; }
        echo "$(basename "$file"): $(cat "$scratch/refusal")" >>"$scratch/refusals"
    done
    after=$(cd "$scratch/centre" && find blobs tmp -type f | sort)
    equal leftovers "$after" "$before" && [ "$(node centre course list --json | grep -c '"faulty"')" -eq 0 ]
}
check "${#bad[@]} faulty packages are refused by name and leave nothing behind" bad_refused
sed 's/^/# /' "$scratch/refusals"
# A node that runs for as long as a sync takes, as by night from cron: films that lack nothing any more are checked before it ends, else the course would open a night later.
film_at_once() {
    local i
    mkdir "$scratch/film" && echo '<title>Film</title>' >"$scratch/film/index.html" && for i in 1 2 3; do head -c 60000000 /dev/urandom >"$scratch/film/$i.mp4" || return 1; done &&
        node_stop campus && node centre course import "$scratch/film" --id film --lang en && node centre course publish film && node campus sync &&
        node campus course list --json | gojq -e '[.. | objects | select(.course? == "film") | .state] == ["installed"]'
}
check "a large course is there when the sync that brought it is in step" film_at_once

finish
