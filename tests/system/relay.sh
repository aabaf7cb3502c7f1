#!/usr/bin/env bash
# A course published at the bottom reaches who subscribed, through nodes between that did not: up to the hub, and over to a sibling.
. "$(dirname "$0")/kit.sh"

tree_starts() {
    node_make hub hub "" CN && node_start hub && node_make region regional hub && node_start region && node_make centre national region &&
        node_start centre && node_make maker campus centre && node_make reader campus centre && node_start maker && node_start reader
}
check "a hub, a region, a centre and two campuses run" tree_starts

course_make() { # VERSION
    mkdir -p "$scratch/course"
    printf '<!DOCTYPE html><html lang="en"><title>Wells</title><p>Version %s</p>' "$1" >"$scratch/course/index.html"
    [ -f "$scratch/course/film.mp4" ] || head -c 3000000 /dev/urandom >"$scratch/course/film.mp4"
    node maker course import "$scratch/course" --id wells --lang en --version "$1" && node maker course publish wells
}
published() {
    node hub course subscribe wells && node reader course subscribe wells && course_make 1
}
check "a campus publishes; the hub and its sibling subscribe, nobody between them" published

state_of() { # NODE VERSION
    node "$1" course list --available --json | gojq -r ".[] | select(.course == \"wells\" and .version == \"$2\").state"
}
is_installed() {
    equal "wells $2 at $1" "$(state_of "$1" "$2")" installed
}
arrives() { # VERSION
    eventually 30 is_installed hub "$1" && eventually 30 is_installed reader "$1" && node hub course verify wells --version "$1" &&
        node reader course verify wells --version "$1"
}
check "it arrives at the hub and at the sibling" arrives 1

second_arrives() {
    course_make 2 && arrives 2
}
check "so does the next version" second_arrives

rest_is_left_alone() {
    node_make other national hub && node_start other && node other sync || return 1
    sleep 1
    equal "at a centre elsewhere" "$(state_of other 1)" catalogued
}
check "a centre that is not between them fetches nothing" rest_is_left_alone

knows() { # NODE ID
    node "$1" course list --available --json | gojq -e --arg id "$2" 'any(.[]; .course == $id)'
}
not_relayed() {
    local id
    mkdir -p "$scratch/private" && echo '<!DOCTYPE html><title>P</title>' >"$scratch/private/index.html"
    id=$(node centre course list --json | gojq '[.[] | select(.course == "wells")] | length')
    [ "$id" -ge 1 ] || { echo "the centre relays nothing"; return 1; }
    node maker course import "$scratch/private" --id unwanted --lang en && node maker course publish unwanted && node maker sync || return 1
    eventually 20 knows hub unwanted || return 1
    sleep 1
    equal "at the centre" "$(node centre course list --json | gojq '[.[] | select(.course == "unwanted")] | length')" 0
}
check "what nobody asked for is not relayed" not_relayed
# The reader holds both versions; nothing wants the first any more.
cleaned() {
    local dry freed before after
    before=$(du -sb "$scratch/reader/blobs" | cut -f1)
    dry=$(node reader course clean --dry-run --json | gojq .frees) && freed=$(node reader course clean --json | gojq .frees) || return 1
    after=$(du -sb "$scratch/reader/blobs" | cut -f1)
    equal "freed and announced" "$freed" "$dry" && equal "on the disk" "$((before - after))" "$freed" && [ "$freed" -gt 0 ] &&
        equal "the first version" "$(state_of reader 1)" catalogued && node reader course verify wells
}
check "a clean-up frees exactly what its dry run announced" cleaned

# A campus that runs for as long as a sync takes, as by night from cron.
hub_publishes() { # ID
    mkdir -p "$scratch/$1" && seq 30000 >"$scratch/$1/page.txt" && echo "<!DOCTYPE html><title>$1</title>" >"$scratch/$1/index.html" &&
        head -c 2000000 /dev/urandom >"$scratch/$1/film.mp4" && node hub course import "$scratch/$1" --id "$1" --lang en && node hub course publish "$1"
}
state_at_night() { # ID
    node night course list --available --json | gojq -r ".[] | select(.course == \"$1\").state"
}
comes_at_once() {
    node_make night campus centre && node night course subscribe --all && node night sync && hub_publishes first || return 1
    eventually 20 knows centre first && node night sync && equal "first" "$(state_at_night first)" installed
}
check "one sync brings what neither the centre nor the region held" comes_at_once

own_is_at_hub() { node hub course list --json | gojq -e 'any(.[]; .course == "own" and .state == "installed")'; }
goes_at_once() {
    mkdir -p "$scratch/own" && echo '<!DOCTYPE html><title>Own</title>' >"$scratch/own/index.html" && head -c 9000000 /dev/urandom >"$scratch/own/film.mp4" &&
        node hub course subscribe own && node night course import "$scratch/own" --id own --lang en && node night course publish own && node night sync &&
        eventually 5 own_is_at_hub
}
check "one sync takes up what was published since, to a hub that wants it" goes_at_once

comes_later() {
    hub_publishes second && node region sync && node centre sync && node_stop hub && node_stop region && node_stop centre && node_start centre || return 1
    exits 75 node night sync && grep -q "are not at 'centre' yet" "$scratch/answer" && equal "second" "$(state_at_night second)" fetching &&
        equal "status" "$(node night status --json | gojq -r .state)" behind && node_start hub && node_start region && node region sync && node centre sync && node night sync &&
        equal "second" "$(state_at_night second)" installed
}
check "while it cannot be had the sync is not in step, and says so" comes_later
finish
