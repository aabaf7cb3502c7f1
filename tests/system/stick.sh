#!/usr/bin/env bash
# A campus that never has a link: it is filled by stick, works, and its results come home by stick, exact.
. "$(dirname "$0")/kit.sh"
stick=$scratch/stick
mkdir "$stick"

tiers_make() {
    node_make hub hub && node_start hub && node_make centre national hub && node_start centre && node centre sync &&
        node hub sync && node_make far regional hub && node_stop hub && node_stop centre &&
        node centre invite --name campus --kind campus --country EG --file "$scratch/campus.invitation" &&
        "$qanat" join --dir "$scratch/campus" --file "$scratch/campus.invitation"
}
check "a hub and a centre; a campus joins from a file, and no node runs any more" tiers_make

course_make() {
    mkdir -p "$scratch/course/media" && echo "<title>Water</title><p>A course about water.</p>" >"$scratch/course/index.html" || return 1
    local i
    for i in $(seq 60); do
        seq "$i" 400 >"$scratch/course/page$i.html"
    done
    head -c 3500000 /dev/urandom >"$scratch/course/media/film.bin" || return 1
    node centre course import "$scratch/course" --id water --lang en && node centre course publish water
}
check "the centre publishes a course with a large file" course_make

field() { # NAME FILE: one member of the summary
    gojq -r "$1" "$2"
}

bundle_out() { # FROM FOR FILE [OPTIONS...]
    local from=$1 for=$2 file=$3
    shift 3
    node "$from" bundle export --for "$for" "$stick/$file" --json "$@" >"$scratch/$file.out"
}

bundle_in() { # NODE FILE
    node "$1" bundle import "$stick/$2" --json >"$scratch/$2.in"
}

fill_by_stick() {
    bundle_out centre campus first && node campus course subscribe water && bundle_in campus first &&
        equal installed "$(node campus course list --json | gojq -r '.[0].state')" installed &&
        equal refused "$(field .refused "$scratch/first.in")" 0 && node campus course verify water
}
check "the stick fills the campus: the course is installed and every file verified" fill_by_stick

same_files() {
    node campus course export water --to "$scratch/copy" && diff -r "$scratch/course" "$scratch/copy"
}
check "its files are those that the centre imported" same_files

streams_equal() { # NODE NODE TOPIC: of what the first wrote, both hold the same
    local digests
    digests=$(stream_digests "$1" "$3" | grep "^$1 ")
    [ -n "$digests" ] && equal "$3" "$(stream_digests "$2" "$3" | grep "^$1 ")" "$digests"
}
roster_and_catalogue() { # the campus also has a roster stream of its own
    streams_equal centre campus catalogue && stream_digests campus roster >"$scratch/roster" &&
        equal missing "$(stream_digests centre roster | grep -vxFf "$scratch/roster")" ""
}
check "roster and catalogue are equal, digest for digest" roster_and_catalogue

state_of() {
    node "$1" digest --json | gojq -r .digest
    node "$1" course list --json
}
again_changes_nothing() {
    local before
    before=$(state_of campus)
    bundle_in campus first && equal state "$(state_of campus)" "$before" && equal cells "$(field .cells "$scratch/first.in")" 0 &&
        equal objects "$(field .objects "$scratch/first.in")" 0
}
check "the same stick once more changes nothing" again_changes_nothing

results_go_home() {
    people_make "$scratch/people.csv" 50 && results_make "$scratch/results.csv" a 700 50 water &&
        node campus person import "$scratch/people.csv" && node campus result import "$scratch/results.csv" &&
        bundle_out campus centre home && bundle_in centre home && equal refused "$(field .refused "$scratch/home.in")" 0
}
check "the campus records results, and a stick goes home" results_go_home

# Parts of a bundle: kind, size in three bytes; a results stream is nowhere but in sealed ones (kind 1).
sealed() {
    python3 - "$stick/home" <<'EOF'
import sys
data = open(sys.argv[1], "rb").read()
at, kinds = 8 + 1 + 48 + 8, []
while True:
    kind, size = data[at], int.from_bytes(data[at + 1:at + 4], "little")
    at += 4
    if size == 0:
        break
    kinds.append((kind, data[at + 1] if kind == 0 else 0))
    at += size
print(kinds)
sys.exit(not (sum(k == 1 for k, _ in kinds) >= 1 and sum(k == 2 for k, _ in kinds) == 1))
EOF
}
check "its results are sealed" sealed

counts() { # NODE FILE...
    local node=$1 kind
    shift
    for kind in enrolled started completed dropped certified attended; do
        equal "$kind" "$(total "$node" $kind)" "$(cat "$@" | awk -F, -v k=$kind '$4 == k' | wc -l)" || return 1
    done
}
check "the centre has the campus's exact figures" counts centre "$scratch/results.csv"
check "results are equal, digest for digest" streams_equal campus centre results

receipts_travel() {
    bundle_out centre campus receipt && bundle_in campus receipt && results_make "$scratch/more.csv" b 70 50 water &&
        node campus result import "$scratch/more.csv" && bundle_out campus centre second &&
        [ "$(field .cells "$scratch/second.out")" -lt "$(field .cells "$scratch/home.out")" ] &&
        [ "$(field .bytes "$scratch/second.out")" -lt "$(field .bytes "$scratch/home.out")" ]
}
check "a receipt travels back, and the next stick carries only what is new" receipts_travel

refused_and_unchanged() { # NODE FILE TEXT
    local before
    before=$(state_of "$1")
    node "$1" bundle import "$stick/$2" 2>"$scratch/refused"
    equal "exit code" $? 1 && grep -q "$3" "$scratch/refused" && equal state "$(state_of "$1")" "$before" || { cat "$scratch/refused"; return 1; }
}
flipped_byte() {
    local at size byte
    size=$(stat -c %s "$stick/second")
    for at in 70 $((size / 2)) $((size - 200)) $((size - 120)) $((size - 10)); do
        cp "$stick/second" "$stick/flipped"
        byte=$(od -An -tu1 -j "$at" -N 1 "$stick/second")
        printf "\\x$(printf %02x $((byte ^ 1)))" | dd of="$stick/flipped" bs=1 seek="$at" conv=notrunc status=none
        refused_and_unchanged centre flipped "nothing of it was taken" || { echo "at $at of $size"; return 1; }
    done
}
check "one flipped byte anywhere is refused and changes nothing" flipped_byte

cut_short() {
    local size keep
    size=$(stat -c %s "$stick/second")
    for keep in $((size - 1)) $((size - 152)) $((size / 2)) 100; do
        head -c "$keep" "$stick/second" >"$stick/cut"
        refused_and_unchanged centre cut "cut short" || { echo "$keep of $size"; return 1; }
    done
    : >"$stick/cut" && refused_and_unchanged centre cut "not a bundle"
}
check "a truncated stick is refused and changes nothing" cut_short

second_arrives() {
    bundle_in centre second && counts centre "$scratch/results.csv" "$scratch/more.csv" && streams_equal campus centre results
}
check "the second stick arrives: exact again" second_arrives

courier() { # which does not know yet who made it
    bundle_out centre hub upward && bundle_in far upward && equal "foreign results" "$(stream_digests far results | grep -v "^far ")" "" &&
        [ "$(field .skipped.streams "$scratch/upward.in")" -gt 0 ] && equal for "$(field .for "$scratch/upward.in")" hub &&
        bundle_in hub upward && counts hub "$scratch/results.csv" "$scratch/more.csv"
}
check "a courier takes what it may hold and no results; the hub gets them" courier

through_a_running_node() {
    node_start campus && node campus bundle import "$stick/first" && (cd "$stick" && "$qanat" bundle import --dir "$scratch/campus" receipt) &&
        node campus bundle export --for centre "$stick/live" && node_stop campus && bundle_in centre live
}
check "both work beside a running node, with a path of the caller" through_a_running_node

too_large() {
    bundle_out centre campus small --whole --max 200K || return 1
    [ "$(stat -c %s "$stick/small")" -le 200000 ] && [ "$(field .left_out.objects "$scratch/small.out")" -gt 0 ] || return 1
    bundle_out centre campus tiny --whole --max 300 2>"$scratch/tiny.err"
    equal "exit code" $? 1 && [ ! -e "$stick/tiny" ] && equal leftovers "$(find "$stick" -name '*.??????' | wc -l)" 0
}
check "--max is kept, what did not fit is counted, and figures are never cut" too_large

no_room() { # the limit of a shell's files stands for a full one
    (ulimit -f 2000 && trap '' XFSZ && node centre bundle export --for campus --whole "$stick/big")
    equal "exit code" $? 73 && [ ! -e "$stick/big" ] && equal leftovers "$(find "$stick" -name 'big*' | wc -l)" 0
}
check "a stick that takes no more is 73, and nothing is left on it" no_room

strangers() {
    "$qanat" init --dir "$scratch/other" --name other --kind hub --country FR >/dev/null 2>&1 || return 1
    node other bundle import "$stick/first" 2>"$scratch/strange.err"
    equal "exit code" $? 1 && grep -q "another federation" "$scratch/strange.err" || return 1
    node centre bundle export --for nobody "$stick/nobody" 2>/dev/null
    equal "exit code" $? 1
}
check "another federation's bundle and an unknown name are refused" strangers

minisigned() {
    command -v minisign >/dev/null || { echo "minisign is not installed"; return 0; }
    node campus bundle key --of centre >"$scratch/centre.pub" && minisign -Vm "$stick/first" -p "$scratch/centre.pub" &&
        node centre bundle key >"$scratch/own.pub" && cmp "$scratch/own.pub" "$scratch/centre.pub" || return 1
    cp "$stick/first.minisig" "$stick/flipped.minisig" && cp "$stick/first" "$stick/flipped" && printf x >>"$stick/flipped" &&
        ! minisign -Vm "$stick/flipped" -p "$scratch/centre.pub"
}
check "Debian's minisign verifies a bundle with the key that a command prints" minisigned

# Three courses of 1.2 MB: one does not fit a stick of 2 MB with another.
small_sticks() {
    local i
    for i in 1 2 3; do
        mkdir -p "$scratch/c$i" && echo "<title>Course $i</title>" >"$scratch/c$i/index.html" && head -c 1200000 /dev/urandom >"$scratch/c$i/film.bin" &&
            node centre course import "$scratch/c$i" --id "c$i" --lang en && node centre course publish "c$i" || return 1
    done
    node campus course subscribe --all >/dev/null || return 1
    for i in 1 2 3; do
        bundle_out centre campus "trip$i" --max 2M && bundle_in campus "trip$i" && bundle_out campus centre "back$i" && bundle_in centre "back$i" || return 1
        [ "$(stat -c %s "$stick/trip$i")" -le 2000000 ] || return 1
    done
    equal "installed" "$(node campus course list --json | gojq '[.[] | select(.state == "installed")] | length')" 4 && node campus course verify
}
check "three trips of a small stick carry what three sticks hold: none carries what arrived" small_sticks

# One course of 5 MB, sticks of 2 MB: what arrived of it is not carried again.
larger_than_the_stick() {
    local i
    mkdir -p "$scratch/large" && echo "<title>Large</title>" >"$scratch/large/index.html" && head -c 2600000 /dev/urandom >"$scratch/large/film.bin" || return 1
    for i in $(seq 40); do head -c 60000 /dev/urandom >"$scratch/large/$i.bin"; done
    node centre course import "$scratch/large" --id large --lang en && node centre course publish large || return 1
    for i in 1 2 3; do
        bundle_out centre campus "part$i" --max 2M && bundle_in campus "part$i" && bundle_out campus centre "rest$i" && bundle_in centre "rest$i" || return 1
        [ "$(stat -c %s "$stick/part$i")" -le 2000000 ] && [ "$(field .objects "$scratch/part$i.in")" -gt 0 ] || return 1
    done
    equal "installed" "$(node campus course list --json | gojq -r '.[] | select(.course == "large") | .state')" installed && node campus course verify || return 1
    bundle_out centre campus none && equal "nothing more" "$(field .objects "$scratch/none.out")" 0 && node centre course remove large >/dev/null
}
check "a course larger than the stick comes with several trips" larger_than_the_stick

volumes() {
    bundle_out centre campus many --whole --volume 1500K && [ "$(field .volumes "$scratch/many.out")" -gt 3 ] || return 1
    find "$stick" -name 'many*' ! -name '*.minisig' -size +1500000c | grep . && return 1
    rm -rf "$scratch/fresh" && node centre invite --name fresh --kind campus --country EG --file "$scratch/fresh.invitation" &&
        "$qanat" join --dir "$scratch/fresh" --file "$scratch/fresh.invitation" && node fresh course subscribe --all >/dev/null &&
        bundle_in fresh many && equal "installed" "$(node fresh course list --json | gojq '[.[] | select(.state == "installed")] | length')" 4 &&
        node fresh course verify
}
check "in volumes, none over its size; the first brings the others in" volumes

exchanged() {
    mv "$stick/many.2" "$stick/many.x" && mv "$stick/many.3" "$stick/many.2" && mv "$stick/many.x" "$stick/many.3" &&
        rm -rf "$scratch/fresh3" && node centre invite --name fresh3 --kind campus --country EG --file "$scratch/fresh3.invitation" &&
        "$qanat" join --dir "$scratch/fresh3" --file "$scratch/fresh3.invitation" && node fresh3 course subscribe --all >/dev/null &&
        bundle_in fresh3 many && equal "installed" "$(node fresh3 course list --json | gojq '[.[] | select(.state == "installed")] | length')" 4 || return 1
    mv "$stick/many.2" "$stick/many.x" && mv "$stick/many.3" "$stick/many.2" && mv "$stick/many.x" "$stick/many.3"
}
check "two volumes whose names were exchanged are taken all the same" exchanged

resumed() {
    local before
    before=$(sha256sum "$stick/many" "$stick/many.2")
    rm "$stick/many.3" "$stick/many.4" && bundle_out centre campus many --whole --volume 1500K --resume &&
        equal kept "$(field .kept_volumes "$scratch/many.out")" 2 && equal "kept as they were" "$(sha256sum "$stick/many" "$stick/many.2")" "$before" || return 1
    rm -rf "$scratch/fresh2" && node centre invite --name fresh2 --kind campus --country EG --file "$scratch/fresh2.invitation" &&
        "$qanat" join --dir "$scratch/fresh2" --file "$scratch/fresh2.invitation" && node fresh2 course subscribe --all >/dev/null || return 1
    node fresh2 bundle import "$stick/many" && node fresh2 course verify &&
        equal "installed" "$(node fresh2 course list --json | gojq '[.[] | select(.state == "installed")] | length')" 4
}
check "an export that was cut off keeps its whole volumes and makes the rest" resumed

# Its machine goes back to a backup that lacks what the centre has: what the centre was told that it holds is not true any more.
went_back() {
    results_make "$scratch/late.csv" c 70 50 water && node campus backup "$scratch/backup" && node campus result import "$scratch/late.csv" &&
        bundle_out campus centre late && bundle_in centre late && counts centre "$scratch/results.csv" "$scratch/more.csv" "$scratch/late.csv" || return 1
    rm -r "$scratch/campus" && "$qanat" restore --dir "$scratch/campus" "$scratch/backup" && node campus result import "$scratch/late.csv" || return 1
    bundle_out campus centre forgot && bundle_in centre forgot && bundle_out centre campus told && bundle_in campus told &&
        counts campus "$scratch/results.csv" "$scratch/more.csv" "$scratch/late.csv" && bundle_out campus centre knows && bundle_in centre knows &&
        counts centre "$scratch/results.csv" "$scratch/more.csv" "$scratch/late.csv"
}
check "restored between two sticks, and the same files imported again: the next stick brings back what it lost, exact at both" went_back

# And the other way round: the node above forgets, while the campus was told that it has everything.
centre_went_back() {
    local all=("$scratch"/{results,more,late,before,after}.csv)
    results_make "$scratch/before.csv" d 70 50 water && results_make "$scratch/after.csv" e 70 50 water && node centre backup "$scratch/above" &&
        node campus result import "$scratch/before.csv" && bundle_out campus centre before && bundle_in centre before && bundle_out centre campus noted &&
        bundle_in campus noted && rm -r "$scratch/centre" && "$qanat" restore --dir "$scratch/centre" "$scratch/above" &&
        node campus result import "$scratch/after.csv" && bundle_out campus centre gap || return 1
    node centre bundle import "$stick/gap" 2>"$scratch/gap.err"
    equal "exit code" $? 1 && grep -q 'take one back to "campus"' "$scratch/gap.err" && bundle_out centre campus asks && bundle_in campus asks &&
        bundle_out campus centre rest && bundle_in centre rest && counts centre "${all[@]}" && counts campus "${all[@]}"
}
check "the centre restored between two sticks: it says what to do, and one stick there and back makes it exact" centre_went_back

same_name_again() {
    bundle_out centre campus many --whole --volume 1500K --resume && equal made "$(field .volumes "$scratch/many.out")" 0 &&
        bundle_out centre campus many && [ "$(field .removed_volumes "$scratch/many.out")" -gt 3 ] && equal volumes "$(find "$stick" -name 'many.[0-9]*' | wc -l)" 0
}
check "a complete export is not gone on from, and a smaller one under its name leaves none of its volumes" same_name_again

# A course that the centre has no subscription to: the campus's stick asks for it, and nobody types a word at the centre.
asked_for() {
    echo '<title>Maps</title>' >"$scratch/maps.html" && mkdir "$scratch/maps" && mv "$scratch/maps.html" "$scratch/maps/index.html" &&
        node hub course import "$scratch/maps" --id maps --lang en && node hub course publish maps && bundle_out hub centre news && bundle_in centre news &&
        bundle_out centre campus news && node campus course subscribe maps && bundle_in campus news && bundle_out campus centre asks && bundle_in centre asks &&
        bundle_out centre hub on && bundle_in hub on && bundle_out hub centre maps && bundle_in centre maps && bundle_out centre campus maps && bundle_in campus maps &&
        equal state "$(node campus course list --json | gojq -r '.[] | select(.course == "maps") | .state')" installed
}
check "what a campus without a link subscribed to is fetched for it by the centre, as its stick asks" asked_for

revoked_sender() {
    node centre peer revoke campus --reason "lost" && refused_and_unchanged centre second "revoked"
}
check "a revoked node's stick is refused" revoked_sender
finish
