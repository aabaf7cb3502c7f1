#!/usr/bin/env bash
# Course content over HTTP from mirrors that the roster names: a plain web server, one that cuts, lies, is slow, lacks everything, leads away; windows hold.
. "$(dirname "$0")/kit.sh"
here=$(cd "$(dirname "$0")" && pwd)
server_pid=
server_stop() {
    [ -z "$server_pid" ] || { kill "$server_pid"; wait "$server_pid" 2>/dev/null; }
    server_pid=
}
trap 'server_stop; cleanup' EXIT
port=$(free_port)

# server_start MODE: the mirror is from now on of that character. Each request is a line in requests.
server_start() {
    server_stop
    : >"$scratch/requests"
    python3 "$here/mirror_server.py" "$1" "$scratch/www" "$port" "$scratch/requests" 2>"$scratch/server.log" >/dev/null &
    server_pid=$!
    eventually 5 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"
}
requests() { # [PATTERN]
    grep -cE "${1:-.}" "$scratch/requests"
}

hub_made() {
    node_make hub hub "" CN && node_port[web]=$(free_port) && printf 'http = "127.0.0.1:%s"\n' "${node_port[web]}" >>"$scratch/hub/qanat.conf" && node_start hub || return 1
    mkdir "$scratch/course" && echo '<title>Film</title>' >"$scratch/course/index.html" && head -c 9000000 /dev/urandom >"$scratch/course/film.bin"
    for i in $(seq 10); do head -c 100000 /dev/urandom >"$scratch/course/part$i.bin"; done
    node hub course import "$scratch/course" --id film --lang en && node hub course publish film && node hub mirror export "$scratch/www" &&
        node hub mirror add "http://127.0.0.1:$port" && node hub mirror list --json | gojq -e '.mirrors | length == 1 and .[0].by == "hub"'
}
check "a hub with a course of 10 MB names a mirror and fills it" hub_made

exported_whole() {
    local file
    for file in "$scratch/www"/*; do
        equal "$file" "$(basename "$file")" "$(b2sum -l 256 "$file" | cut -d' ' -f1)" || return 1
    done
    node hub mirror export "$scratch/www" 2>&1 | grep -q '^0 contents' && equal files "$(find "$scratch/www" -type f | wc -l)" 13
}
check "each file is named by its content, and again writes nothing" exported_whole

refused() {
    local url
    for url in ftp://a/ file:///etc/ http:///x "http://user@host/" "http://host/?q=" "http://host/../x" "http://host:0/" "http://ho st/"; do
        node hub mirror add "$url" && { echo "$url was taken"; return 1; }
        [ $? -eq 2 ] || return 1
    done
    node hub mirror add "http://127.0.0.1:$port/" && return 1
    ! node hub mirror remove "http://127.0.0.1:1/"
}
check "what is no address of a mirror is refused by name" refused

# The last piece of a file may be smaller than what mirrors are asked for: the hub brings it.
most=$((10000000 - 11 * 32 * 1024))

# fetched NAME SECONDS: a fresh campus gets the course within so long, whole; *_bytes say from where.
fetched() {
    node_make "$1" campus hub && node "$1" course subscribe film && node_start "$1" && eventually "$2" installed "$1" && node "$1" course verify >/dev/null && node_stop "$1" || return 1
    hub_bytes=$(node "$1" status --json | gojq '.peers[0].bytes_in')
    mirror_bytes=$(node "$1" mirror list --json | gojq '.mirrors[0].bytes')
    mirror_error=$(node "$1" mirror list --json | gojq -r '.mirrors[0].error')
    echo "$hub_bytes bytes from the hub, $mirror_bytes from the mirror, error '$mirror_error', $(requests) requests"
}
installed() {
    node "$1" course list --json | gojq -e '.[] | select(.course == "film" and .state == "installed")'
}

by_plain() {
    server_start plain && fetched plain 30 && [ "$hub_bytes" -lt 60000 ] && [ "$mirror_bytes" -ge $most ] && [ -z "$mirror_error" ]
}
check "a plain web server without ranges carries it instead of the hub" by_plain

by_cut() {
    server_start cut && fetched cut 60 && [ "$hub_bytes" -lt 60000 ] && [ "$mirror_bytes" -ge $most ] && [ "$(requests 'bytes=.* 206')" -ge 3 ] || return 1
    # Taken up at the byte where it broke: in all no more was sent than the content.
    local sent
    sent=$(awk '$3 == 206 { split($2, part, /[=-]/); size = part[3] - part[2] + 1; sum += size < 2500000 ? size : 2500000 } $3 == 200 { sum += 2500000 } END { print sum }' "$scratch/requests")
    echo "$sent bytes sent at most"
}
check "a server that breaks each connection is taken up with Range" by_cut

by_hub_itself() {
    server_stop
    node hub mirror remove "http://127.0.0.1:$port" && node hub mirror add "http://127.0.0.1:${node_port[web]}/blob/" && fetched blob 30 &&
        [ "$hub_bytes" -lt 60000 ] && [ "$mirror_bytes" -ge $most ] && node hub mirror remove "http://127.0.0.1:${node_port[web]}/blob/" &&
        node hub mirror add "http://127.0.0.1:$port"
}
check "any node with pages is one: /blob/ of the hub" by_hub_itself

falls_back() { # MODE SECONDS ERROR
    server_start "$1" && fetched "$1" "$2" && [ "$hub_bytes" -ge 9500000 ] && [ "$mirror_bytes" -eq 0 ] && [ "$(requests)" -ge 1 ] && [[ $mirror_error == *"$3"* ]]
}
check "a mirror that lies is caught by the hash, and the hub gives it" falls_back lie 20 "other bytes"
check "a sign-in page in its place is no content" falls_back page 20 "other bytes"
check "one that lacks everything costs nothing but a question" falls_back missing 20 ""
check "one that answers 503 is left alone for a while" falls_back busy 20 "503"
check "one that leads to files and other schemes is not followed" falls_back away 20 ""
not_there() {
    server_stop
    fetched dead 20 && [ "$hub_bytes" -ge 9500000 ]
}
check "one that does not answer at all is no obstacle" not_there
slow_one() {
    server_start slow && fetched slow 40 && [ "$hub_bytes" -ge 8000000 ]
}
check "one that trickles is given up" slow_one

# Outside its window a campus asks a mirror for nothing, and at a rate it takes no more than that.
window_holds() {
    local from took
    node_make late campus hub && node late sync && node late course subscribe film && node_kill hub && server_start cut || return 1 # the mirror alone has it now
    node late window add "$(date -d '+3 hours' +%H:00)-$(date -d '+4 hours' +%H:00)" && node_start late && sleep 3 || return 1
    equal requests "$(requests)" 0 && ! installed late || return 1
    node late window add "always rate 8M" && node late window remove 1 || return 1
    from=$(date +%s%N)
    eventually 10 bash -c "'$qanat' status --json --dir '$scratch/late' | gojq -e '.content | .rate > 1000000 and .seconds_left > 0'" || return 1
    eventually 30 installed late || return 1
    took=$((($(date +%s%N) - from) / 1000000))
    echo "$took ms for what is left at 8 Mbit/s"
    [ "$(requests)" -ge 1 ] && node_stop late
}
check "outside its window no mirror is asked; opened, it alone is enough" window_holds
finish
