#!/usr/bin/env bash
# facts.sh: what learners do in the browser is counted once, whatever was lost: the campus put back to an older state, its browsers send again, people go on or
# do it all once more, before the first contact and after it; attendance, decisions by hand and certificates; restored, built anew, followed by another node.
# Real processes; the hub's figures are exact each time.
. "$(dirname "$0")/kit.sh"

http=127.0.0.1:$(free_port)
content=127.0.0.1:$(free_port)
api=http://$http/api/v1
people="p1 p2 p3 p4 p5"
who=boss
declare -A csrf launch

# --- a learner at work ---
do_() { # METHOD PATH [BODY]: prints the status; the document is in $scratch/body
    curl -s -o "$scratch/body" -w '%{http_code}' -b "$scratch/$who.jar" -H "X-Qanat-CSRF: ${csrf[$who]}" -H 'Content-Type: application/json' -X "$1" ${3:+--data-binary "$3"} "$api$2"
}
body() { gojq -r "$1" "$scratch/body"; }
wanted() { # STATUS METHOD PATH [BODY]
    local status
    status=$(do_ "${@:2}")
    [[ "$status" == $1 ]] || { echo "$2 $3 ${4:-}: $status $(cat "$scratch/body")"; return 1; }
}
me() {
    who=$1
    curl -s -o "$scratch/body" -c "$scratch/$1.jar" -H 'Content-Type: application/json' -d "{\"person\":\"$1\",\"password\":\"correct horse\"}" "$api/session"
    csrf[$1]=$(body .csrf)
}
signs_up() {
    curl -s -w '%{http_code}' -o "$scratch/body" -H 'Content-Type: application/json' -d '{"code":"baobab","id":"p9","name":"Nine","password":"correct horse battery"}' "$api/registrations" >"$scratch/code"
    [ "$(cat "$scratch/code")" = 201 ] || { cat "$scratch/code" "$scratch/body"; return 1; }
}
opens() { # NAME [MORE]: a launch of the course, remembered under a name
    wanted 201 POST /launches "{\"course\":\"soil\"${2:-}}" && launch[$1]=$(body .launch)
}
commits() { # NAME SEQ SECONDS [STATUS SCORE]
    local time score=
    [ -z "${5:-}" ] || score=",\"score\":{\"raw\":\"$5\"}"
    time=$(printf '%02d:%02d:%02d' $(($3 / 3600)) $(($3 / 60 % 60)) $(($3 % 60)))
    wanted 200 PUT "/launches/${launch[$1]}/state" "{\"seq\":$2,\"cmi\":{\"core\":{\"lesson_status\":\"${4:-incomplete}\",\"session_time\":\"$time\"$score}}}"
}

# --- figures ---
figures() { # NODE
    node "$1" stats --json | gojq -c '.rows[0] | [.registered, .enrolled, .started, .active, .completed, .certified, .attended, .minutes, .score.n, .score.mean] | map(. // 0 | . * 100 | round / 100)'
}
settled() { # FIGURES: at the campus, the centre and the hub
    local name
    for name in campus centre hub; do
        equal "figures at $name" "$(figures $name)" "$1" || return 1
    done
}
campus_says() { # FIGURES: at the campus alone
    equal "figures at campus" "$(figures campus)" "$1"
}

# --- losses ---
keep() {
    node_stop campus && rm -rf "$scratch/kept" && mkdir "$scratch/kept" && cp -a "$scratch/campus"/qanat.db* "$scratch/kept/" && node_start campus
}
lose() { # and nothing runs
    node_stop campus || return 1
    rm -f "$scratch/campus"/qanat.db* && cp -a "$scratch/kept"/qanat.db* "$scratch/campus/"
}
apart() { # the centre is out of reach
    node_stop centre && node_start campus
}
together() {
    node_start centre
}

course_make() {
    mkdir -p "$1"
    cat >"$1/imsmanifest.xml" <<'XML'
<?xml version="1.0"?>
<manifest identifier="m" version="1" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
<metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
<organizations default="o"><organization identifier="o"><title>Soil</title><item identifier="lesson" identifierref="r1"><title>Soil</title></item></organization></organizations>
<resources><resource identifier="r1" type="webcontent" adlcp:scormtype="sco" href="lesson.html"/></resources></manifest>
XML
    echo '<!DOCTYPE html><title>Lesson</title><p>lesson' >"$1/lesson.html"
}

made() {
    local p
    node_make hub hub && node_start hub && node_make centre national hub && node_start centre && node_make campus campus centre || return 1
    printf 'http = "%s"\ncontent = "%s"\nregistration_code = "baobab"\n' "$http" "$content" >>"$scratch/campus/qanat.conf"
    course_make "$scratch/soil"
    { echo id,name,gender,role,password; for p in $people; do echo "$p,Learner $p,female,learner,correct horse"; done; echo 'boss,Boss,male,manager,correct horse'; } >"$scratch/people.csv"
    node campus person import "$scratch/people.csv" >/dev/null && node campus course import "$scratch/soil" --id soil --lang en >/dev/null && node_start campus && me boss &&
        wanted 200 POST /cohorts '{"cohort":"c1","title":"One","course":"soil"}' && wanted 200 POST /cohorts/c1/members '{"people":["p4","p5"]}' &&
        eventually 20 settled '[6,2,0,0,0,0,0,0,0,0]'
}
check "a campus with a course below a centre below a hub" made

# p1 works for 10 minutes before the copy is made, and for 20 more, to the end, with 80 points.
after_contact() {
    me p1 && opens one && commits one 1 600 && eventually 20 settled '[6,3,1,1,0,0,0,10,0,0]' && keep && commits one 2 1800 completed 80 &&
        eventually 20 settled '[6,3,1,1,1,0,0,30,1,80]' && lose && node_start campus && eventually 30 settled '[6,3,1,1,1,0,0,30,1,80]' || return 1
    commits one 2 1800 completed 80 && sleep 3 && settled '[6,3,1,1,1,0,0,30,1,80]' || return 1 # the browser sends it again
    commits one 3 2100 completed 90 && eventually 20 settled '[6,3,1,1,1,0,0,35,1,90]' # and goes on
}
check "put back, the last commit sent again and gone on with: once, with all minutes and the last score" after_contact

# The same before the centre is met.
before_contact() {
    keep && commits one 4 2400 completed 95 && eventually 20 settled '[6,3,1,1,1,0,0,40,1,95]' && lose && apart && commits one 4 2400 completed 95 &&
        commits one 5 2700 completed 95 && opens two && commits two 1 300 completed 60 && eventually 20 campus_says '[6,3,1,1,1,0,0,50,1,95]' && sleep 3 &&
        together && eventually 30 settled '[6,3,1,1,1,0,0,50,1,95]'
}
check "the same before the first contact, with another launch beside it: nothing twice, nothing lost" before_contact

# p2 is not in the copy at all: enrols, works, completes, and does it once more.
once_more() {
    keep && me p2 && opens first && commits first 1 1200 completed 70 && eventually 20 settled '[6,4,2,2,2,0,0,70,2,82.5]' && lose && node_start campus &&
        eventually 30 settled '[6,4,2,2,2,0,0,70,2,82.5]' && me p2 && wanted 404 PUT "/launches/${launch[first]}/state" '{"seq":2,"cmi":{"core":{"lesson_status":"completed"}}}' &&
        opens second && commits second 1 600 completed 50 && eventually 20 settled '[6,4,2,2,2,0,0,80,2,82.5]' && commits second 2 600 completed 100 &&
        eventually 20 settled '[6,4,2,2,2,0,0,80,2,97.5]'
}
check "a learner who is not in the copy completes again: once, the better score, the time of both" once_more

# Twice put back to the same state, offline in between; p3 does everything three times.
three_times() {
    keep && me p3 && opens a && commits a 1 300 completed 40 && eventually 20 settled '[6,5,3,3,3,0,0,85,3,78.33]' && lose && apart && me p3 && opens b &&
        commits b 1 300 completed 45 && sleep 3 && lose && node_start campus && me p3 && opens c && commits c 1 300 completed 50 && sleep 3 && together &&
        eventually 30 settled '[6,5,3,3,3,0,0,90,3,81.67]'
}
check "put back twice, without a link in between" three_times

# Attendance, a decision by hand, a certificate; a person who signed up in the browser.
by_hand() {
    local uuid
    keep && me boss && wanted 200 POST /cohorts/c1/attendance '{"session":"2026-10-05","minutes":90,"people":["p4","p5"]}' &&
        wanted 204 POST /cohorts/c1/completions '{"person":"p4","reason":"on paper"}' && wanted '20?' POST /credentials '{"person":"p4","course":"soil","cohort":"c1"}' || return 1
    uuid=$(body .id)
    signs_up && eventually 20 settled '[7,5,3,3,4,1,2,270,3,81.67]' && lose && apart && me boss || return 1
    signs_up && wanted 200 POST /cohorts/c1/attendance '{"session":"2026-10-05","minutes":120,"people":["p4"]}' && wanted 204 POST /cohorts/c1/completions '{"person":"p4","reason":"on paper"}' &&
        wanted '20?' POST /credentials '{"person":"p4","course":"soil","cohort":"c1"}' && sleep 3 && together && eventually 30 settled '[7,5,3,3,4,1,2,300,3,81.67]' || return 1 # p4 the longer time, p5 what came back
    wanted 200 POST /cohorts/c1/attendance '{"session":"2026-10-05","minutes":90,"people":["p5"]}' && eventually 20 settled '[7,5,3,3,4,1,2,270,3,81.67]' &&
        [ "$(body .id)" != "$uuid" ]
}
check "attendance, decisions by hand, certificates and people who signed up: told again, counted once" by_hand

corrected() { # what came back can be corrected
    wanted 200 POST /cohorts/c1/attendance '{"session":"2026-10-05","people":["p5"],"absent":true}' || return 1
    eventually 20 settled '[7,5,3,3,4,1,1,180,3,81.67]'
}
check "and a mark that was a mistake goes again" corrected

restored() {
    node campus backup "$scratch/campus.backup" && me p1 && commits one 6 3000 completed 95 && eventually 20 settled '[7,5,3,3,4,1,1,185,3,81.67]' && node_kill campus &&
        rm -rf "$scratch/campus" && "$qanat" restore --dir "$scratch/campus" "$scratch/campus.backup" && node_start campus && me p1 && commits one 6 3000 completed 95 &&
        eventually 30 settled '[7,5,3,3,4,1,1,185,3,81.67]' && commits one 7 3060 completed 95 && node campus sync >/dev/null &&
        equal "the centre, at once" "$(figures centre)" '[7,5,3,3,4,1,1,186,3,81.67]' && eventually 20 settled '[7,5,3,3,4,1,1,186,3,81.67]'
}
check "a backup restored" restored

anew() { # with its key, then under another
    local token key
    for key in "--key $scratch/kept.key" ""; do
        cp "$scratch/campus/node.key" "$scratch/kept.key" && node_kill campus && rm -rf "$scratch/campus" && token=$(node centre invite --replaces campus 2>/dev/null) || return 1
        # shellcheck disable=SC2086 # two words, or none
        "$qanat" join --dir "$scratch/campus" $key --listen "tcp://127.0.0.1:${node_port[campus]}" "$token" >/dev/null || return 1
        printf 'http = "%s"\ncontent = "%s"\n' "$http" "$content" >>"$scratch/campus/qanat.conf"
        node campus person import "$scratch/people.csv" >/dev/null && node campus course import "$scratch/soil" --id soil --lang en >/dev/null && node_start campus &&
            me p1 && opens anew && commits anew 1 120 completed 30 && sleep 3 && eventually 30 settled '[7,5,3,3,4,1,1,188,3,81.67]' || return 1
    done
}
check "built anew with its key, then followed by another identity: nobody counts twice" anew

finish
