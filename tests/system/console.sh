#!/usr/bin/env bash
# The console over HTTP: documents as they change, files brought by a browser; who may, what is bounded, and what is left after a kill.
. "$(dirname "$0")/kit.sh"
http=127.0.0.1:$(free_port)
api=http://$http/api/v1

hub_starts() {
    node_make hub hub "" CN && printf 'http = "%s"\n' "$http" >>"$scratch/hub/qanat.conf" &&
        printf 'id,name,role,password\nl1,Lea,learner,correct horse\nm1,Ma,manager,correct horse\nroot,Ro,administrator,correct horse\n' >"$scratch/people.csv" &&
        node hub person import "$scratch/people.csv" && node_start hub
}
check "a hub with a learner, a manager and an administrator starts" hub_starts

declare -A csrf
as() { # PERSON: signs in
    curl -fsS -o "$scratch/body" -c "$scratch/$1.jar" -H 'Content-Type: application/json' -d "{\"person\":\"$1\",\"password\":\"correct horse\"}" "$api/session" && csrf[$1]=$(gojq -r .csrf "$scratch/body")
}
code() { # PERSON METHOD PATH [CURL OPTION...]: the status; the answer is in $scratch/body
    local who=$1 method=$2 path=$3
    shift 3
    curl -s -o "$scratch/body" -w '%{http_code}' -b "$scratch/$who.jar" -H "X-Qanat-CSRF: ${csrf[$who]}" -X "$method" "$@" "$api$path"
}
sign_in() { as l1 && as m1 && as root; }
check "they sign in" sign_in

# --- documents as they change ---
declare -A watcher
watch() { # NAME PERSON DOCUMENTS: goes on until it is ended
    curl -sN -b "$scratch/$2.jar" "$api/events?of=$3" >"$scratch/$1.events" 2>/dev/null &
    watcher[$1]=$!
}
unwatch() {
    kill "${watcher[$1]}" 2>/dev/null
    wait "${watcher[$1]}" 2>/dev/null
    unset "watcher[$1]"
}
has_event() { # NAME EVENT TEXT: the newest such event says it
    awk -v event="event: $2" '$0 == event { on = 1; text = ""; next } /^$/ { on = 0 } on { sub(/^data: /, ""); text = text $0 } END { print text }' "$scratch/$1.events" | grep -q "$3"
}
watched() {
    watch one root status,windows,audit && eventually 5 has_event one status in_step && eventually 5 has_event one windows '"windows"' &&
        node hub window add "mon-fri 22:00-06:00 rate 2M" && eventually 5 has_event one windows 'rate 2M' && eventually 5 has_event one audit '"window"' &&
        equal "of windows" "$(grep -c '^event: windows' "$scratch/one.events")" 2
}
check "a document comes at once, and again when it is another" watched

rights() {
    equal learner "$(code l1 GET '/events?of=status')" 403 && equal "a manager, the log" "$(code m1 GET '/events?of=audit')" 403 && equal unknown "$(code root GET '/events?of=people')" 400 &&
        equal nothing "$(code root GET '/events')" 400 && equal stranger "$(curl -s -o /dev/null -w '%{http_code}' -H 'Host: elsewhere.example' "$api/events?of=status")" 401 &&
        equal "a manager" "$(curl -sN -m 2 -o "$scratch/body" -w '%{http_code}' -b "$scratch/m1.jar" "$api/events?of=courses")" 200 && grep -q '^event: courses' "$scratch/body" &&
        equal "a manager looks" "$(code m1 GET /admin/courses)" 200 && equal "not at people" "$(code m1 GET /admin/people)" 403
}
check "learners and strangers see none, managers all but people and the log" rights

gone() { ! kill -0 "${watcher[$1]}" 2>/dev/null; }
signed_out() {
    as l1 && watch two root audit && eventually 5 has_event two audit '"acts"' && equal out "$(code root DELETE /session)" 200 && eventually 25 gone two && as root
}
check "a stream ends with its sign-in" signed_out

bounded() {
    local i
    unwatch one
    for i in $(seq 64); do watch "many$i" root status; done
    eventually 10 full && as root && for i in $(seq 64); do unwatch "many$i"; done && eventually 25 roomy
}
full() { equal code "$(code root GET '/events?of=status' -m 1)" 503; }
roomy() { equal code "$(code root GET '/events?of=status' -m 1)" 200; }
check "the 65th stream is told to ask, and there is room again when they have gone" bounded

three_watches() { # the last of the 64 may hold its place for a moment still
    watch three root status
    eventually 5 has_event three status in_step || { unwatch three; return 1; }
}
restarted() {
    eventually 25 three_watches && node_stop hub && eventually 5 gone three && node_start hub &&
        watch four root windows && eventually 5 has_event four windows 'rate 2M' && node_kill hub && eventually 5 gone four && node_start hub &&
        watch five root windows && eventually 5 has_event five windows 'rate 2M' && unwatch five
}
check "streams neither hold a stop up nor outlive a kill" restarted

# --- files ---
package() { # FILE TITLE
    mkdir -p "$scratch/pack" && echo "<!DOCTYPE html><title>$2</title><p>x" >"$scratch/pack/index.html" && rm -f "$1" && (cd "$scratch/pack" && zip -qr "$1" .)
}
outcome() { # NUMBER: waits until its command has ended
    local i
    for i in $(seq 100); do
        code root GET "/uploads/$1" >/dev/null && [ "$(gojq -r .state "$scratch/body")" = done ] && return
        sleep 0.1
    done
    return 1
}
brought() {
    package "$scratch/soil.zip" Soil && equal bring "$(code m1 POST '/uploads?for=course&id=soil&lang=en&title=Soil%20%26%20water' --data-binary "@$scratch/soil.zip" -H 'Content-Type: application/zip')" 202 &&
        outcome "$(gojq -r .upload "$scratch/body")" && gojq -e '.exit == 0 and .who == "m1" and .out.title == "Soil & water" and .out.files == 1 and .bytes > 100' "$scratch/body" &&
        equal course "$(node hub course list --json | gojq -r '.[] | "\(.course) \(.version)"')" "soil 1" && equal "the log" "$(node hub audit list --json | gojq -c '.acts[0] | [.who, .words[0:3]]')" '["m1",["course","import","(upload)"]]'
}
check "a manager brings a course" brought

again() {
    equal bring "$(code m1 POST '/uploads?for=course&id=soil&lang=en&title=Soil%20%26%20water' --data-binary "@$scratch/soil.zip")" 202 && outcome "$(gojq -r .upload "$scratch/body")" && gojq -e '.out.unchanged' "$scratch/body" &&
        head -c 300000 /dev/urandom >"$scratch/noise" && equal noise "$(code m1 POST '/uploads?for=course&id=noise&lang=en' --data-binary "@$scratch/noise")" 202 &&
        outcome "$(gojq -r .upload "$scratch/body")" && gojq -e '.exit == 1 and (.err | contains("not an archive"))' "$scratch/body" && equal list "$(code m1 GET /uploads)" 200 && gojq -e '.uploads | length == 3' "$scratch/body"
}
check "the same again changes nothing; what is no package is told" again

refused() {
    equal learner "$(code l1 POST '/uploads?for=course&id=x&lang=en' --data-binary "@$scratch/soil.zip")" 403 && equal "a manager, people" "$(code m1 POST '/uploads?for=person' --data-binary "@$scratch/people.csv")" 403 &&
        equal nobody "$(curl -s -o /dev/null -w '%{http_code}' --data-binary "@$scratch/soil.zip" "$api/uploads?for=course&id=x&lang=en")" 401 &&
        equal "no token" "$(curl -s -o /dev/null -w '%{http_code}' -b "$scratch/m1.jar" --data-binary "@$scratch/soil.zip" "$api/uploads?for=course&id=x&lang=en")" 403 &&
        equal "another origin" "$(code m1 POST '/uploads?for=course&id=x&lang=en' -H 'Origin: http://evil.example' --data-binary "@$scratch/soil.zip")" 403 &&
        equal "no id" "$(code m1 POST '/uploads?for=course&lang=en' --data-binary "@$scratch/soil.zip")" 400 && equal "nothing" "$(code m1 POST '/uploads?for=course&id=x&lang=en' -H 'Content-Length: 0')" 400 &&
        equal "what for" "$(code m1 POST '/uploads?for=dinner' --data-binary "@$scratch/soil.zip")" 400 && equal "unknown" "$(code m1 GET /uploads/77)" 404 &&
        equal "too large" "$(declared 99999999999999)" 413 && equal courses "$(node hub course list --json | gojq length)" 1
}
declared() { # SIZE: what is answered to a body of that length before it comes
    exec 3<>"/dev/tcp/${http%:*}/${http#*:}" && printf 'POST /api/v1/uploads?for=course&id=x&lang=en HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nX-Qanat-CSRF: %s\r\nContent-Length: %s\r\n\r\n' "$http" \
        "$(awk '/qanat_session/ { print $6 "=" $7 }' "$scratch/m1.jar")" "${csrf[m1]}" "$1" >&3 && head -c 12 <&3 | cut -d' ' -f2
    exec 3>&-
}
check "who may not, and what cannot be, is refused before it is read" refused

no_room() {
    node_stop hub && cp "$scratch/hub/qanat.conf" "$scratch/conf" && echo 'disk_floor_mib = 100000000' >>"$scratch/hub/qanat.conf" && node_start hub &&
        equal "no room" "$(code m1 POST '/uploads?for=course&id=x&lang=en' --data-binary "@$scratch/soil.zip")" 507 && equal word "$(gojq -r .error "$scratch/body")" no_space
    local found=$?
    node_stop hub && cp "$scratch/conf" "$scratch/hub/qanat.conf" && node_start hub && return $found
}
check "without room it is said at once" no_room

peak() { awk '/VmHWM/ { print $2 }' "/proc/${node_pid[hub]}/status"; }
memory() {
    local before
    head -c 300000000 /dev/zero >"$scratch/large" && before=$(peak) && equal bring "$(code m1 POST '/uploads?for=course&id=x&lang=en' -T "$scratch/large" -H 'Expect:')" 202 && outcome "$(gojq -r .upload "$scratch/body")" &&
        gojq -e '.bytes == 300000000 and .exit == 1' "$scratch/body" && echo "$(($(peak) - before)) KiB more" && [ $(($(peak) - before)) -lt 40000 ]
}
check "300 MB go to disk with less than 40 MB of memory" memory

files_left() { find "$scratch/hub/tmp" -type f | wc -l; }
no_files_left() { equal files "$(files_left)" 0; }
cut_off() {
    local i
    for i in 1 2 3 4 5 6; do code m1 POST '/uploads?for=course&id=x&lang=en' -T "$scratch/large" --limit-rate 20M -m 1 >/dev/null; done
    eventually 10 no_files_left && equal bring "$(code m1 POST '/uploads?for=course&id=soil&lang=en&title=Soil%20%26%20water' --data-binary "@$scratch/soil.zip")" 202 && outcome "$(gojq -r .upload "$scratch/body")" &&
        (code m1 POST '/uploads?for=course&id=x&lang=en' -T "$scratch/large" --limit-rate 20M >/dev/null &) && sleep 1 && node_kill hub && node_start hub && no_files_left
}
check "files that were cut off, or killed with the node, are gone and hold no place" cut_off

people() {
    printf 'sourcedId,givenName,familyName,role,username\nz1,New,Person,student,znew\nz3,Bad,Role,juggler,z3\nz4,,,student,z4\n' >"$scratch/users.csv" && (cd "$scratch" && zip -q roster.zip users.csv) &&
        equal dry "$(code root POST '/uploads?for=person&dry_run=1' --data-binary "@$scratch/roster.zip")" 202 && outcome "$(gojq -r .upload "$scratch/body")" && gojq -e '.out.dry_run and .out.added == 1 and .exit == 1 and .out.left_out == 1' "$scratch/body" &&
        ! node hub person list --json | grep -q znew && equal real "$(code root POST '/uploads?for=person&id=sourcedId' --data-binary "@$scratch/roster.zip")" 202 && outcome "$(gojq -r .upload "$scratch/body")" &&
        node hub person list --json | grep -q '"z1"' && equal csv "$(code root POST '/uploads?for=person' --data-binary "@$scratch/people.csv")" 202 && outcome "$(gojq -r .upload "$scratch/body")" && gojq -e '.exit == 0 and .out.unchanged == 3' "$scratch/body"
}
check "an administrator brings people, as OneRoster or CSV, tried first" people

ranks() {
    printf 'id,name,role,password\nm1,Ma,administrator,correct horse\nroot,Ro,administrator,another horse\nl9,New,learner,\n' >"$scratch/up.csv" &&
        equal import "$(code m1 POST /people/import --data-binary "@$scratch/up.csv" -H 'Content-Type: text/csv')" 200 && gojq -e '.added == 1 and .refused == 2 and .reasons[0].reason == "above_you"' "$scratch/body" &&
        as root && equal role "$(node hub person list --json | gojq -r '.people[] | select(.id == "m1") | .role')" manager
}
check "a manager makes nobody an administrator, and changes none" ranks
finish
