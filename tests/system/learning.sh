#!/usr/bin/env bash
# A learner at work over HTTP: catalogue, launch, state, resume, two devices, late and repeated commits, and the figures they become.
. "$(dirname "$0")/kit.sh"
http=127.0.0.1:$(free_port)
content=127.0.0.1:$(free_port)
api=http://$http/api/v1

# scorm_make DIR: SCORM 1.2 with a lesson and a quiz (mastery 80).
scorm_make() {
    mkdir -p "$1"
    cat >"$1/imsmanifest.xml" <<'XML'
<?xml version="1.0"?>
<manifest identifier="m" version="1" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
<metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
<organizations default="o"><organization identifier="o"><title>Soil and water</title>
<item identifier="lesson" identifierref="r1"><title>Lesson on soil</title><adlcp:datafromlms>chapter=2</adlcp:datafromlms></item>
<item identifier="quiz" identifierref="r2"><title>Quiz: ما هي التربة</title><adlcp:masteryscore>80</adlcp:masteryscore></item>
</organization></organizations>
<resources><resource identifier="r1" type="webcontent" adlcp:scormtype="sco" href="lesson.html"/>
<resource identifier="r2" type="webcontent" adlcp:scormtype="sco" href="quiz.html"/></resources></manifest>
XML
    echo '<!DOCTYPE html><title>Lesson</title><p>lesson' >"$1/lesson.html"
    echo '<!DOCTYPE html><title>Quiz</title><p>quiz' >"$1/quiz.html"
}

# cmi5_make DIR: two units; the first must be passed with 0.675, the second completed.
cmi5_make() {
    mkdir -p "$1"
    cat >"$1/cmi5.xml" <<'XML'
<?xml version="1.0" encoding="utf-8"?>
<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">
<course id="https://example.org/c"><title><langstring lang="en">Bees</langstring></title><description><langstring lang="en">d</langstring></description></course>
<au id="https://example.org/c/1" moveOn="Passed" masteryScore="0.675"><title><langstring lang="en">One</langstring></title><description><langstring lang="en">d</langstring></description>
<url>one.html?x=1</url><launchParameters>deep</launchParameters></au>
<au id="https://example.org/c/2" moveOn="Completed"><title><langstring lang="en">Two</langstring></title><description><langstring lang="en">d</langstring></description><url>two.html</url></au>
</courseStructure>
XML
    echo '<!DOCTYPE html><title>1</title>' | tee "$1/one.html" >"$1/two.html"
}

starts() {
    node_make hub hub "" CN || return 1
    printf 'http = "%s"\ncontent = "%s"\n' "$http" "$content" >>"$scratch/hub/qanat.conf"
    printf 'id,name,gender,role,password\np1,Amina Sow,female,learner,correct horse\np2,Babu,male,learner,correct horse\n' >"$scratch/people.csv"
    scorm_make "$scratch/soil"
    mkdir -p "$scratch/other" && echo '<!DOCTYPE html><title>数字化教学能力</title><p>x' >"$scratch/other/index.html"
    cmi5_make "$scratch/bees"
    node hub course import "$scratch/bees" --id bees --lang en || return 1
    node hub person import "$scratch/people.csv" && node hub course import "$scratch/soil" --id soil --lang en --series green-skills &&
        node hub course import "$scratch/other" --id dtc --lang zh-Hans --title 数字化教学能力 && node_start hub
}
check "a hub with two courses and two people starts" starts

# me PERSON: signs in; then do_ METHOD PATH [BODY] answers the status, the document is in $scratch/body.
declare -A csrf
me() {
    curl -s -o "$scratch/body" -c "$scratch/$1.jar" -H 'Content-Type: application/json' -d "{\"person\":\"$1\",\"password\":\"correct horse\"}" "$api/session"
    csrf[$1]=$(gojq -r .csrf "$scratch/body")
    who=$1
}
do_() {
    curl -s -o "$scratch/body" -D "$scratch/head" -w '%{http_code}' -b "$scratch/$who.jar" -H "X-Qanat-CSRF: ${csrf[$who]}" -H 'Content-Type: application/json' \
        -X "$1" ${3:+--data-binary "$3"} "$api$2"
}
body() { gojq -r "$1" "$scratch/body"; }

catalogue() {
    me p1
    equal all "$(do_ GET '/courses?available=1') $(body '.courses | length')" "200 3" || return 1
    equal lang "$(do_ GET '/courses?lang=zh-hans') $(body '.courses[].course')" "200 dtc" || return 1
    equal series "$(do_ GET '/courses?series=green-skills') $(body '.courses[] | "\(.course) \(.format) \(.items) \(.status)"')" "200 soil scorm12 2 null" || return 1
    equal "an English word" "$(do_ GET '/courses?q=SOIL') $(body '.courses[].course')" "200 soil" || return 1
    equal "the beginning of one" "$(do_ GET '/courses?q=wat') $(body '.courses[].course')" "200 soil" || return 1
    equal "Arabic, of an item" "$(curl -s -G --data-urlencode 'q=التُربة' "$api/courses" | gojq -r '.courses[].course')" soil || return 1
    equal "two characters of Chinese" "$(curl -s -G --data-urlencode 'q=教学' "$api/courses" | gojq -r '.courses[].course')" dtc || return 1
    equal "not their other order" "$(curl -s -G --data-urlencode 'q=学教' "$api/courses" | gojq -r '.courses[].course')" "" || return 1
    equal "signs alone" "$(curl -s -G --data-urlencode 'q="*) OR (' "$api/courses" | gojq -r '.courses | length')" 0
}
check "the catalogue is found by language, series and words of any script" catalogue

page() {
    equal page "$(do_ GET /courses/soil)" 200 || return 1
    equal items "$(body '[.items[] | "\(.id):\(.mastery):\(.status)"] | join(" ")')" "lesson:null:not_started quiz:80:not_started" || return 1
    equal next "$(body .next) $(body .registration)" "lesson null" || return 1
    equal unknown "$(do_ GET /courses/nothing)" 404 && equal word "$(body .error)" not_found
}
check "a course shows its items" page

launches() {
    equal launch "$(do_ POST /launches '{"course":"soil","lang":"en"}')" 201 || return 1
    first=$(body .launch)
    url=$(body .url)
    equal runtime "$(body .runtime) $(body .item) $(body .state) $(body .details.launchData) $(body .learner.name)" "scorm12 lesson null chapter=2 Amina Sow" || return 1
    equal content "$(curl -s "$url")" "$(cat "$scratch/soil/lesson.html")" || return 1
    equal registration "$(do_ GET /courses/soil) $(body .registration.status)" "200 started"
}
check "a launch serves the item under a path of its own" launches

contained() {
    local base=${url%/lesson.html}
    curl -s -o /dev/null -D "$scratch/head" "$url"
    grep -qi '^content-security-policy: sandbox allow-scripts' "$scratch/head" && ! grep -qi allow-top-navigation "$scratch/head" || return 1
    grep -qi "frame-ancestors 'self' http://$http" "$scratch/head" && ! grep -qi '^set-cookie' "$scratch/head" || return 1
    equal "a token changed" "$(curl -s -o /dev/null -w '%{http_code}' "${url/\/c\//\/c\/x}")" 403 || return 1
    equal "a service worker" "$(curl -s -o /dev/null -w '%{http_code}' -H 'Service-Worker: script' "$url")" 403 || return 1
    equal "outside" "$(curl -s --path-as-is -o /dev/null -w '%{http_code}' "$base/../../course/dtc/zh-Hans/1/index.html")" 404 || return 1
    equal "another course" "$(curl -s -o /dev/null -w '%{http_code}' "$base/index.html")" 404 || return 1
    equal "written to" "$(curl -s -o /dev/null -D "$scratch/head" -w '%{http_code}' -X POST -d x "$url")" 405 && grep -qi '^allow: GET, HEAD' "$scratch/head" || return 1
    equal "API here" "$(curl -s -o /dev/null -w '%{http_code}' "http://$content/api/v1/session")" 404 || return 1
    equal "content there" "$(curl -s -o /dev/null -w '%{http_code}' "http://$http${url#http://$content}")" 404 || return 1
    equal "its Origin at the API" "$(curl -s -o /dev/null -w '%{http_code}' -b "$scratch/p1.jar" -H "Origin: http://$content" -H 'Content-Type: text/plain' \
        -d '{"seq":1}' "$api/launches/$first/state?csrf=${csrf[p1]}")" 403
}
check "a package reads its own files and nothing else" contained

# Small files are answered from memory from the second time on: everything a browser may ask for, and nothing that it may not any more.
code() { curl -s -o "$scratch/got" -D "$scratch/head" -w '%{http_code}' "$@"; }
shelf() {
    local launch other page
    page=$(cat "$scratch/soil/lesson.html")
    equal launch "$(do_ POST /launches '{"course":"soil","item":"lesson"}')" 201 || return 1
    launch=$(body .launch) url=$(body .url)
    for i in 1 2 3; do
        equal "whole $i" "$(code "$url") $(cat "$scratch/got")" "200 $page" || return 1
    done
    etag=$(sed -n 's/^etag: \(.*\)\r$/\1/Ip' "$scratch/head")
    equal headers "$(sed -n 's/^\(content-length\|content-type\|accept-ranges\|cache-control\|x-content-type-options\): \(.*\)\r$/\2/Ip' "$scratch/head" | sort | tr '\n' '|')" \
        "$(wc -c <"$scratch/soil/lesson.html")|bytes|nosniff|private, max-age=3600, immutable|text/html; charset=utf-8|" || { cat "$scratch/head"; return 1; }
    equal part "$(code -r 1-4 "$url") $(cat "$scratch/got") $(grep -ci "^content-range: bytes 1-4/" "$scratch/head")" "206 ${page:1:4} 1" || return 1
    equal outside "$(code -r 5000- "$url")" 416 || return 1
    equal "not again" "$(code -H "If-None-Match: $etag" "$url") $(wc -c <"$scratch/got")" "304 0" || return 1
    equal "head alone" "$(code -I "$url")" 200 || return 1
    equal "a worker" "$(code -H 'Service-Worker: script' "$url")" 403 || return 1
    equal "by another name" "$(code -H "Host: campus.example:81" "$url") $(grep -c "frame-ancestors 'self' http://campus.example:" "$scratch/head")" "200 1" || return 1
    equal "and by the first" "$(code "$url") $(grep -c "frame-ancestors 'self' http://$http" "$scratch/head") $(cat "$scratch/got")" "200 1 $page" || return 1
    equal "the end of the launch" "$(do_ DELETE "/launches/$launch") $(code "$url")" "200 403"
}
check "a file that stands in memory is answered like one from the disk, until its launch ends" shelf

replaced() { # a launch keeps its version; what is removed is gone at once
    local first second
    me p2
    mkdir -p "$scratch/clay" && echo one >"$scratch/clay/index.html" && echo same >"$scratch/clay/same.txt"
    node hub course import "$scratch/clay" --id clay --lang en --title Clay --version 1 || return 1
    equal launch "$(do_ POST /launches '{"course":"clay"}')" 201 || return 1
    first=$(body .base)
    equal "version 1" "$(code "${first}index.html") $(cat "$scratch/got") $(code "$first") $(cat "$scratch/got") $(code "${first}same.txt")" "200 one 200 one 200" || return 1
    local public="http://$content/course/clay/en"
    equal "public" "$(code "$public/current/index.html") $(cat "$scratch/got") $(code "$public/current/index.html") $(code "$public/1/index.html") $(cat "$scratch/got")" "200 one 200 200 one" || return 1
    equal "for good" "$(grep -ci "^cache-control: public, max-age=31536000, immutable" "$scratch/head") $(code "$public/current/index.html") $(grep -ci '^cache-control: no-cache' "$scratch/head")" "1 200 1" || return 1
    equal "sandboxed by the main origin alone" "$(code "http://$http/course/clay/en/1/index.html") $(grep -ci '^content-security-policy: sandbox' "$scratch/head") $(code "$public/1/index.html") $(grep -ci '^content-security-policy' "$scratch/head")" "200 1 200 0" || return 1
    echo two >"$scratch/clay/index.html"
    node hub course import "$scratch/clay" --id clay --lang en --title Clay --version 2 || return 1
    equal launch "$(do_ POST /launches '{"course":"clay"}')" 201 || return 1
    second=$(body .base)
    equal "version 2" "$(code "${second}index.html") $(cat "$scratch/got") $(code "${second}same.txt")" "200 two 200" || return 1
    equal "public" "$(code "$public/current/index.html") $(cat "$scratch/got") $(code "$public/1/index.html") $(cat "$scratch/got")" "200 two 200 one" || return 1
    equal "the first stays with its own" "$(code "${first}index.html") $(cat "$scratch/got")" "200 one" || return 1
    node hub course remove clay --lang en --version 1 || return 1
    equal removed "$(code "${first}index.html") $(code "${first}same.txt")" "404 404" || return 1
    equal "public" "$(code "$public/1/index.html") $(code "$public/current/index.html") $(cat "$scratch/got")" "404 200 two" || return 1
    equal "the other is whole" "$(code "${second}index.html") $(cat "$scratch/got") $(code "${second}same.txt") $(cat "$scratch/got")" "200 two 200 same"
}
check "a version that is replaced or removed is so at once, also for what stands in memory" replaced

renumbered() { # the place of a removed version is nobody's: its launches read nothing
    local base
    me p2
    mkdir -p "$scratch/mud" "$scratch/loam" && echo mud >"$scratch/mud/index.html" && echo loam >"$scratch/loam/index.html"
    node hub course import "$scratch/mud" --id mud --lang en --title Mud || return 1
    equal launch "$(do_ POST /launches '{"course":"mud"}')" 201 || return 1
    base=$(body .base)
    equal mud "$(code "${base}index.html") $(cat "$scratch/got")" "200 mud" || return 1
    node hub course remove mud && node hub course import "$scratch/loam" --id loam --lang en --title Loam || return 1
    equal "not the next course" "$(code "${base}index.html")" 404 && node hub course remove loam
}
check "a launch of a removed course reads none that comes after it" renumbered

rotten() { # FILE is served from memory and found on the disk
    local base file
    me p2
    equal launch "$(do_ POST /launches '{"course":"clay"}')" 201 || return 1
    base=$(body .base)
    equal before "$(code "${base}index.html") $(cat "$scratch/got")" "200 two" || return 1
    file=$(grep -lx two "$scratch"/hub/blobs/*/* | head -n 1)
    printf 'Two\n' >"$file"
    equal "from memory" "$(code "${base}index.html") $(cat "$scratch/got")" "200 two" || return 1
    node hub scrub && return 1
    node_stop hub && node_start hub || return 1
    equal "not from memory" "$(code "${base}index.html") $(grep -c 'is damaged at this node' "$scratch/got")" "500 1" || return 1
    equal journal "$(grep -c 'event=content_rotten' "$scratch/hub.log")" 1 || return 1
    printf 'two\n' >"$file"
    equal "mended" "$(code "${base}index.html") $(cat "$scratch/got")" "200 two" || return 1
    me p1
    node hub scrub
}
check "what rots on the disk is found there, whatever stands in memory, and never served as if it were sound" rotten
rotten_counted() { equal counted "$(node hub status --json | gojq -r .refused.rotten)" 1; }
check "and counted" eventually 15 rotten_counted

commit() { # LAUNCH SEQ CMI [MORE]
    do_ PUT "/launches/$1/state" "{\"seq\":$2,\"cmi\":$3${4:-}}"
}
state='{"core":{"lesson_status":"incomplete","session_time":"00:02:00","lesson_location":"page2"},"suspend_data":"half"}'
done_='{"core":{"lesson_status":"completed","session_time":"00:03:00","lesson_location":"page4"},"suspend_data":"all"}'

commits() {
    equal "no number" "$(commit "$first" 0 "$state")" 400 || return 1
    equal first "$(commit "$first" 1 "$state") $(body .status) $(body .stale)" "200 started false" || return 1
    equal replay "$(commit "$first" 1 "$done_") $(body .status) $(body .stale)" "200 started true" || return 1
    equal "another's launch" "$(me p2; commit "$first" 9 "$done_")" 404 || return 1
    me p1
    equal resume "$(do_ POST /launches '{"course":"soil","item":"lesson"}') $(body .state.suspend_data) $(body .seconds_before)" "201 half 120" || return 1
    second=$(body .launch)
    equal "second device" "$(commit "$second" 1 "$done_") $(body .status)" "200 completed" || return 1
    equal "late from the first" "$(commit "$first" 2 "$state") $(body .registration.progress)" "200 0.5" || return 1
    equal "state is the later launch's" "$(do_ POST /launches '{"course":"soil","item":"lesson"}') $(body .state.suspend_data)" "201 all" || return 1
    equal "from the start" "$(do_ POST /launches '{"course":"soil","item":"lesson","restart":true}') $(body .state) $(body .attempt)" "201 null 2"
}
check "commits are numbered: replays, old ones and two devices do no harm" commits

beacon() {
    equal next "$(do_ POST /launches '{"course":"soil"}') $(body .item) $(body .mastery)" "201 quiz 80" || return 1
    quiz=$(body .launch)
    base=$(body .base)
    equal "closing tab" "$(curl -s -o "$scratch/body" -w '%{http_code}' -b "$scratch/p1.jar" -H 'Content-Type: text/plain;charset=UTF-8' -H "Origin: http://$http" \
        -d '{"seq":1,"cmi":{"core":{"lesson_status":"completed","score":{"raw":"60"},"session_time":"0000:10:00.5"}}}' "$api/launches/$quiz/state?csrf=${csrf[p1]}")" 200 || return 1
    equal "60 of 80 needed" "$(body .status) $(body .score) $(body .registration.status)" "failed 60 started" || return 1
    equal "from the content origin" "$(curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: text/plain' -d '{"seq":2,"cmi":{"core":{"lesson_status":"completed","score":{"raw":"90"}}}}' \
        "${base}.qanat/state")" 204 || return 1
    equal passed "$(do_ GET /courses/soil) $(body '.registration | "\(.status) \(.score) \(.progress)"')" "200 completed 90 1"
}
check "the last words of a closing tab count" beacon

figures() { # what the hub says of the course
    node hub stats --by course,gender --json | gojq -c '[.rows[] | select(.by.course == "soil") | [.by.gender, .enrolled, .started, .active, .completed, .minutes, .score.n, .score.mean]]'
}
figures_right() { equal figures "$(figures)" '[["female",1,1,1,1,15,1,90]]'; }
check "figures: once each, all minutes, the score" eventually 10 figures_right

again() {
    local i
    for i in 1 2 3; do
        commit "$first" 1 "$state" >/dev/null && commit "$second" 1 "$done_" >/dev/null && node hub enrol --person p1 --course soil >/dev/null || return 1
    done
    equal "a better try" "$(do_ POST /launches '{"course":"soil","item":"quiz","restart":true}')" 201 || return 1
    quiz2=$(body .launch)
    commit "$quiz2" 1 '{"core":{"lesson_status":"passed","score":{"raw":"100"},"session_time":"00:00:30"}}' >/dev/null
    commit "$quiz2" 2 '{"core":{"lesson_status":"passed","score":{"raw":"95"},"session_time":"00:00:30"}}' >/dev/null
    equal end "$(do_ DELETE "/launches/$quiz2") $(curl -s -o /dev/null -w '%{http_code}' "$(body .url)")" "200 000"
}
check "repeating everything adds nothing; a correction may lower" again
figures_again() { equal figures "$(figures)" '[["female",1,1,1,1,15.5,1,95]]'; }
check "figures follow the correction" eventually 10 figures_again

killed() {
    equal launch "$(do_ POST /launches '{"course":"soil","item":"lesson"}')" 201 || return 1
    local launch
    launch=$(body .launch)
    equal commit "$(commit "$launch" 1 '{"core":{"lesson_status":"completed","session_time":"00:01:00"},"suspend_data":"kept"}')" 200 || return 1
    node_kill hub && node_start hub || return 1
    equal resume "$(do_ POST /launches '{"course":"soil","item":"lesson"}') $(body .state.suspend_data)" "201 kept"
}
check "a commit that was answered survives a kill" killed
figures_after() { equal figures "$(figures)" '[["female",1,1,1,1,16.5,1,95]]'; }
check "and is in the figures after the restart" eventually 10 figures_after

# say VERB [MORE MEMBERS]: a statement of the cmi5 unit that was launched last.
say() {
    curl -s -o "$scratch/said" -w '%{http_code}' -X POST -H "Authorization: Basic $auth" -H 'X-Experience-API-Version: 1.0.3' -H 'Content-Type: application/json' \
        -d "{\"id\":\"$(cat /proc/sys/kernel/random/uuid)\",\"actor\":$actor,\"verb\":{\"id\":\"http://adlnet.gov/expapi/verbs/$1\"},\"object\":{\"id\":\"$activity\"},\"timestamp\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\",
            \"context\":{\"registration\":\"$registration\",\"contextActivities\":$(gojq -c --arg verb "$1" '.contextTemplate.contextActivities
                | .category = ([{id: "https://w3id.org/xapi/cmi5/context/categories/cmi5"}] + if ($verb | IN("passed", "failed", "completed")) then [{id: "https://w3id.org/xapi/cmi5/context/categories/moveon"}] else [] end)' "$scratch/data"),
            \"extensions\":$(gojq -c --arg verb "$1" '.contextTemplate.extensions
                + if ($verb | IN("passed", "failed")) and .masteryScore then {"https://w3id.org/xapi/cmi5/context/extensions/masteryscore": .masteryScore} else {} end' "$scratch/data")}${2:-}}" "http://$http/xapi/statements"
}

unit() { # opens a unit of bees, fetches its authorization and LaunchData
    equal launch "$(do_ POST /launches "{\"course\":\"bees\",\"item\":\"https://example.org/c/$1\"}")" 201 || return 1
    launch=$(body .launch) url=$(body .url) actor=$(body '.actor | tojson') activity=$(body .activity) registration=$(body .registration)
    fetch=$(python3 -c 'import sys, urllib.parse as u; print(u.parse_qs(u.urlsplit(sys.argv[1]).query)["fetch"][0])' "$url")
    auth=$(curl -s -X POST "$fetch" | gojq -r '.["auth-token"]')
    equal "a second time" "$(curl -s -X POST "$fetch" | gojq -r '.["error-code"]')" 1 || return 1
    curl -s -G -H "Authorization: Basic $auth" -H 'X-Experience-API-Version: 1.0.3' --data-urlencode "activityId=$activity" --data-urlencode "agent=$actor" \
        --data-urlencode "registration=$registration" --data-urlencode stateId=LMS.LaunchData "http://$http/xapi/activities/state" >"$scratch/data"
    gojq -e '.launchMode == "Normal"' "$scratch/data"
}

cmi5() {
    unit 1 || return 1
    case $url in */one.html\?x=1\&endpoint=*\&fetch=*\&actor=*\&registration=*\&activityId=*) ;; *) echo "url: $url"; return 1 ;; esac
    equal parameters "$(gojq -r '"\(.launchParameters) \(.masteryScore) \(.moveOn)"' "$scratch/data")" "deep 0.675 Passed" || return 1
    equal "a document of nobody" "$(curl -s -o /dev/null -w '%{http_code}' -X PUT -H "Authorization: Basic $auth" -H 'X-Experience-API-Version: 1.0.3' \
        -d '{}' "http://$http/xapi/agents/profile?profileId=cmi5LearnerPreferences")" 403 || return 1
    equal initialized "$(say initialized)" 200 || { cat "$scratch/said"; return 1; }
    equal passed "$(say passed ',"result":{"score":{"scaled":0.675},"success":true,"duration":"PT2M"}')" 200 || { cat "$scratch/said"; return 1; }
    equal terminated "$(say terminated ',"result":{"duration":"PT3M"}')" 200 || { cat "$scratch/said"; return 1; }
    equal "one of two" "$(do_ DELETE "/launches/$launch") $(body '"\(.status) \(.score) \(.registration.progress) \(.registration.minutes)"')" "200 passed 67.5 0.5 3" || return 1
    unit 2 || return 1
    equal initialized "$(say initialized)" 200 || { cat "$scratch/said"; return 1; }
    equal completed "$(say completed ',"result":{"completion":true,"duration":"PT1M"}')" 200 || { cat "$scratch/said"; return 1; }
    equal "all, then abandoned" "$(do_ DELETE "/launches/$launch") $(body '"\(.status) \(.registration.status)"')" "200 completed completed" || return 1
    equal "authorization after the end" "$(say terminated ',"result":{"duration":"PT3M"}' | grep -c '40[13]')" 1 || return 1
    unit 2 && equal initialized "$(say initialized)" 200 && equal "forty days" "$(say terminated ',"result":{"duration":"P40D"}')" 200 || { cat "$scratch/said"; return 1; }
    equal "count as one" "$(do_ DELETE "/launches/$launch") $(body .registration.minutes)" "200 1443"
}
check "cmi5: launched, fetched, passed and completed by statements" cmi5
cmi5_figures() { equal figures "$(node hub stats --by course --json | gojq -c '[.rows[] | select(.by.course == "bees") | [.enrolled, .started, .completed, .minutes, .score.mean]]')" '[[1,1,1,1443,67.5]]'; }
check "and in the figures" eventually 10 cmi5_figures

# What was made before cmi5: it is authorized in its address, and speaks of the activity that its package names.
tincan() {
    mkdir -p "$scratch/wax" && echo '<title>Wax</title>' >"$scratch/wax/story.html" &&
        echo '<tincan><activities><activity id="http://example.org/wax"><name>Wax</name><launch>story.html?tincan=1</launch></activity></activities></tincan>' >"$scratch/wax/tincan.xml" &&
        node hub course import "$scratch/wax" --id wax --lang en --title "The wax of bees" || return 1
    equal launch "$(do_ POST /launches '{"course":"wax"}') $(body .runtime)" "201 tincan" || return 1
    launch=$(body .launch) url=$(body .url) actor=$(body '.actor | tojson') registration=$(body .registration)
    node hub course remove wax || return 1 # what is said of it afterwards counts all the same
    case $url in */story.html\?tincan=1\&endpoint=*\&auth=Basic%20*\&actor=*\&registration=*\&activity_id=http%3A%2F%2Fexample.org%2Fwax) ;; *) echo "url: $url"; return 1 ;; esac
    auth=$(python3 -c 'import sys, urllib.parse as u; print(u.parse_qs(u.urlsplit(sys.argv[1]).query)["auth"][0])' "$url")
    # As courses of 2011 do, before there were versions: verbs are words, people lists.
    old=$(gojq -c '{name: [.name], account: [{accountServiceHomePage: .account.homePage, accountName: .account.name}]}' <<<"$actor")
    equal state "$(curl -s -o "$scratch/said" -w '%{http_code}' -X PUT -H "Authorization: $auth" -H 'Content-Type: text/plain' -d page-2 "http://$http/xapi/activities/state?$(
        python3 -c 'import sys, urllib.parse as u; print(u.urlencode({"stateId": "resume", "activityId": "http://example.org/wax", "actor": sys.argv[1], "registrationId": sys.argv[2]}))' "$old" "$registration")")" 204 ||
        { cat "$scratch/said"; return 1; }
    equal statement "$(curl -s -o "$scratch/said" -w '%{http_code}' -X POST -H "Authorization: $auth" -H 'X-Experience-API-Version: 0.95' -H 'Content-Type: application/json' \
        -d "{\"actor\":$old,\"verb\":\"passed\",\"object\":{\"id\":\"http://example.org/wax\",\"definition\":{\"type\":\"course\"}},
            \"context\":{\"registration\":\"$registration\"},\"result\":{\"score\":{\"scaled\":0.8},\"success\":true}}" "http://$http/xapi/statements")" 200 || { cat "$scratch/said"; return 1; }
    equal time "$(do_ PUT "/launches/$launch/state" '{"seq":1,"result":{"seconds":120},"end":true}') $(body '"\(.status) \(.score) \(.registration.status) \(.registration.minutes)"')" "200 passed 80 completed 2" || return 1
    equal mine "$(do_ GET /me/courses) $(body '.courses[] | select(.course == "wax") | "\(.title) \(.available) \(.registration.status)"')" "200 The wax of bees false completed"
}

erased() {
    equal launch "$(do_ POST /launches '{"course":"soil","item":"lesson"}')" 201 || return 1
    url=$(body .url)
    equal open "$(code "$url") $(code "$url")" "200 200" || return 1
    node hub person erase p1 || return 1
    equal "their launch" "$(code "$url")" 403 || return 1
    equal "no session" "$(do_ GET /me/courses)" 401 || return 1
    equal "figures stay" "$(figures)" '[["female",1,1,1,1,16.5,1,95]]'
}

mine() {
    equal mine "$(do_ GET /me/courses) $(body '.courses[] | "\(.course) \(.title) \(.available) \(.registration.status)"')" "200 soil Soil and water true completed
bees Bees true completed" || return 1
    equal stranger "$(curl -s -o /dev/null -w '%{http_code}' "$api/me/courses")" 401
}
check "my courses" mine
check "Tin Can: its statements are recorded, and complete the course" tincan
check "an erased person is signed out; what they did stays counted" erased

# Files are called anything: what the browser is told is an address all the same.
addresses() {
    local name address
    mkdir -p "$scratch/named/Unité 1" || return 1
    me p2
    for name in 'my page.html' '100% sure.html' 'a#b?c.html' 'الماء.html' 'x%20y.html'; do
        rm -f "$scratch/named/Unité 1/"* && echo "<title>$name</title>" >"$scratch/named/Unité 1/$name" && node hub course import "$scratch/named" --id named --lang fr &&
            equal launch "$(do_ POST /launches '{"course":"named"}')" 201 || return 1
        address=$(body .url)
        [[ $address =~ ^http://[A-Za-z0-9._~:/%-]+$ ]] && equal "$address" "$(curl -s "$address")" "<title>$name</title>" || { echo "$address"; return 1; }
    done
    node hub course remove named --lang fr >/dev/null
}
check "a file may be called anything: its address is a valid one" addresses
finish
