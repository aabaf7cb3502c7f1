#!/usr/bin/env bash
# Cohorts over the API: who may run what, lists, attendance, decisions by hand, a training of trainers; and the figures at the end.
. "$(dirname "$0")/kit.sh"
http=127.0.0.1:$(free_port)
api=http://$http/api/v1

hub_starts() {
    node_make hub hub "" CN && printf 'http = "%s"\n' "$http" >>"$scratch/hub/qanat.conf" &&
        printf 'id,name,role,password\nl1,Lea,learner,correct horse\nl2,Lin,learner,correct horse\nf1,Fa,facilitator,correct horse\nm1,Ma,manager,correct horse\na1,Ada,administrator,correct horse\n' >"$scratch/people.csv" &&
        node hub person import "$scratch/people.csv" && node_start hub
}
check "a hub with learners, a facilitator and a manager starts" hub_starts

as() { # PERSON: signs in; the jar and the token are in $scratch/PERSON.*
    curl -fsS -c "$scratch/$1.jar" -H 'Content-Type: application/json' -d "{\"person\":\"$1\",\"password\":\"correct horse\"}" "$api/session" | gojq -r .csrf >"$scratch/$1.csrf"
}
code() { # PERSON METHOD PATH [BODY]: the status; the answer is in $scratch/body
    curl -s -o "$scratch/body" -w '%{http_code}' -b "$scratch/$1.jar" -H "X-Qanat-CSRF: $(cat "$scratch/$1.csrf")" -X "$2" ${4:+-H 'Content-Type: application/json' -d "$4"} "$api$3"
}
described() { # PATH: the answer in $scratch/body is what the description of the API says, no more and no less
    curl -fsS "$api/openapi.json" >"$scratch/openapi.json" && python3 "$(dirname "$0")/described.py" "$scratch/openapi.json" "/api/v1$1" <"$scratch/body"
}
sign_in() {
    as l1 && as l2 && as f1 && as m1 && as a1
}
check "they sign in" sign_in

made() {
    local longest
    longest=$(printf 'n%.0s' {1..128})
    equal "a learner" "$(code l1 POST /cohorts '{"cohort":"autumn","course":"tdc"}')" 403 &&
        equal "a facilitator" "$(code f1 POST /cohorts '{"cohort":"autumn","course":"tdc","title":"Autumn","starts":"2026-10-05"}')" 200 &&
        gojq -e '.trainers == 1 and .starts == "2026-10-05"' "$scratch/body" && equal again "$(code f1 POST /cohorts '{"cohort":"autumn","course":"tdc"}')" 409 &&
        equal "no course" "$(code f1 POST /cohorts '{"cohort":"x"}')" 400 && equal list "$(code f1 GET /cohorts)" 200 && described /cohorts &&
        equal mine "$(gojq -r '.cohorts[].cohort' "$scratch/body")" autumn && equal theirs "$(code l1 GET /cohorts/autumn)" 403 &&
        equal "a manager" "$(code m1 GET /cohorts/autumn)" 200 && equal unknown "$(code m1 GET /cohorts/spring)" 404 &&
        equal longest "$(code m1 POST /cohorts "{\"cohort\":\"$longest\",\"course\":\"tdc\"}")" 200 && equal "by its name" "$(code m1 GET "/cohorts/$longest")" 200 &&
        equal "a longer one" "$(code m1 GET "/cohorts/${longest}n")" 404 && equal "cannot go" "$(code m1 DELETE "/cohorts/${longest}n")" 404 &&
        equal "the longest goes" "$(code m1 DELETE "/cohorts/$longest")" 204
}
check "a facilitator makes a cohort and runs it, learners do not" made

listed() {
    equal add "$(code f1 POST /cohorts/autumn/members '{"people":["l1","l2","x9"]}')" 200 && gojq -e '.changed == 2 and .refused == 1' "$scratch/body" &&
        equal change "$(code f1 PUT /cohorts/autumn '{"title":"Осень","ends":"2026-12-18"}')" 200 && equal title "$(gojq -r .title "$scratch/body")" Осень &&
        equal attend "$(code f1 POST /cohorts/autumn/attendance '{"session":"2026-10-05","people":["l1","l2"],"minutes":90}')" 200 &&
        equal absent "$(code f1 POST /cohorts/autumn/attendance '{"session":"2026-10-05","people":["l2"],"absent":true}')" 200 &&
        equal sessions "$(code f1 GET /cohorts/autumn/attendance)" 200 && gojq -e '.sessions[0].people == ["l1"]' "$scratch/body" &&
        equal "bad minutes" "$(code f1 POST /cohorts/autumn/attendance '{"session":"a","people":["l1"],"minutes":-1}')" 400 &&
        equal "no people" "$(code f1 POST /cohorts/autumn/members '{}')" 400
}
check "people are enrolled by list and attend" listed

roster() {
    local version
    for version in 1.1 1.2; do
        node hub person export --oneroster "$scratch/roster-$version" --oneroster-version "$version" && grep -q "^oneroster.version,$version" "$scratch/roster-$version/manifest.csv" || return 1
        equal "$version" "$(node hub person import "$scratch/roster-$version" --json | gojq -c '[.added, .updated, .unchanged, .refused, .left_out, .cohorts.changed, .members.changed, .members.unchanged]')" "[0,0,5,0,0,0,0,3]" || return 1
    done
    node hub person export --oneroster "$scratch/x" --oneroster-version 2 && return 1
    [ $? -eq 2 ]
}
check "a OneRoster export of both versions, taken in again, changes nothing" roster

roster_zip() {
    local version unchanged="[0,0,5,0,0,0,0,3]" keys='[.added, .updated, .unchanged, .refused, .left_out, .cohorts.changed, .members.changed, .members.unchanged]'
    for version in 1.1 1.2; do
        (cd "$scratch" && node hub person export --oneroster roster.zip --oneroster-version "$version") && equal mode "$(stat -c %a "$scratch/roster.zip")" 600 &&
            equal "$version" "$(node hub person import "$scratch/roster.zip" --json | gojq -c "$keys")" "$unchanged" || return 1
    done
    printf 'sourcedId,givenName,familyName,role,username\nz1,New,Person,student,znew\nz2,No,,student,\nz3,Bad,Role,juggler,z3\nz4,,,student,z4\n' >"$scratch/users.csv" && rm -f "$scratch/new.zip" &&
        (cd "$scratch" && zip -q new.zip users.csv) && node hub person import "$scratch/new.zip" --dry-run --json >"$scratch/dry" && return 1
    equal dry "$(gojq -c "[.dry_run, .added, .left_out, .refused]" "$scratch/dry")" "[true,2,1,1]" &&
        equal row "$(gojq -c '.reasons[0] | [.count, .examples[0].line]' "$scratch/dry")" "[1,5]" && ! node hub person list --json | gojq -e '.people[] | select(.id == "znew")'
}
check "as one archive, too; a dry run tells row by row and writes nothing" roster_zip

hostile_zip() {
    local before
    before=$(node hub person list --json | gojq .total)
    head -c 50000000 /dev/zero >"$scratch/users.csv" && rm -f "$scratch/bomb.zip" && (cd "$scratch" && zip -q bomb.zip users.csv) &&
        ! node hub person import "$scratch/bomb.zip" 2>"$scratch/err" && grep -q 'a bomb?' "$scratch/err" && head -c 300 "$scratch/roster.zip" >"$scratch/cut.zip" &&
        ! node hub person import "$scratch/cut.zip" 2>"$scratch/err" && grep -q truncated "$scratch/err" && equal people "$(node hub person list --json | gojq .total)" "$before" &&
        equal "nothing is left" "$(find "$scratch/hub/tmp" -type f)" ""
}
check "a bomb and a cut archive are refused, and nothing stays of them" hostile_zip

by_hand() {
    equal "no reason" "$(code f1 POST /cohorts/autumn/completions '{"person":"l1"}')" 400 &&
        equal done "$(code f1 POST /cohorts/autumn/completions '{"person":"l1","reason":"exam on paper","score":80}')" 204 &&
        equal table "$(code f1 GET /cohorts/autumn/progress)" 200 &&
        gojq -e '[.people[] | select(.person == "l1")][0] | .status == "completed" and .score == 80 and .by_hand and .attended == 1' "$scratch/body" &&
        equal "no score" "$(code f1 POST /cohorts/autumn/completions '{"person":"l1","reason":"exam on paper","score":1e300}')" 400 &&
        curl -fsS -b "$scratch/f1.jar" -D "$scratch/head" "$api/cohorts/autumn/progress?format=csv" >"$scratch/table" && grep -q '^l1,Lea,completed,100,80.00' "$scratch/table" &&
        equal "mark of a spreadsheet's text" "$(head -c 9 "$scratch/table")" $'\xef\xbb\xbfperson' && grep -q 'filename="progress-autumn.csv"' "$scratch/head" &&
        equal "not theirs" "$(code l1 GET /cohorts/autumn/progress)" 403
}
check "a completion by hand stands in the table with its reason" by_hand

# Every body that the description closes, with all its members and one of nobody's. gojq keeps no order of members.
sorted='"\(.error): \(.text | capture("(?<text>.*, but: )(?<names>[^.]*)") | .text + (.names / ", " | sort | join(", ")))."'
misspelt() {
    local method path names body count=0
    curl -fsS "$api/openapi.json" >"$scratch/openapi.json" || return 1
    while IFS=$'\t' read -r method path names body; do
        path=${path#/api/v1} path=${path/\{cohort\}/autumn}
        equal "$method $path" "$(code a1 "${method^^}" "$path" "$body") $(gojq -r "$sorted" "$scratch/body")" \
            "400 bad_request: There is no member 'langauge' here, but: $names." || return 1
        count=$((count + 1))
    done < <(gojq -r '.paths | to_entries[] | .key as $path | .value | to_entries[] | .key as $method | .value.requestBody.content["application/json"].schema? |
        select(.additionalProperties == false) | .properties | [$method, $path, (keys | join(", ")), ("{\"langauge\":\"en\"," + (map_values(null) | tojson)[1:])] | join("\t")' "$scratch/openapi.json")
    equal "bodies" "$count" 15
}
check "a member that no route reads is refused by its name, and those that are read are those described" misspelt

# Every member that the description closes in, as what it is not.
mistyped() {
    local method path said body
    : >"$scratch/said.all" && : >"$scratch/wanted.all"
    while IFS=$'\t' read -r method path said body; do
        path=${path#/api/v1} path=${path/\{cohort\}/autumn}
        echo "$method $path $body: 400 bad_request: $said." >>"$scratch/wanted.all"
        { printf '%s' "$method $path $body: $(code a1 "${method^^}" "$path" "$body") " && cat "$scratch/body" && echo; } >>"$scratch/said.all"
    done < <(gojq -r '.paths | to_entries[] | .key as $path | .value | to_entries[] | .key as $method | .value.requestBody.content["application/json"].schema? |
        select(.additionalProperties == false) | .properties | to_entries[] | .key as $name |
        (if .value.enum then "string" else .value.type end |
            if . == "string" then ["a text", 7, null] elif . == "boolean" then ["true or false", "true", 1, null] elif . == "number" then ["a number", "7", null]
            elif . == "array" then ["a list of texts", "l1", ["l1", 1], null] elif . == ["string", "null"] then ["a text or null", 0, []] else ["?", .] end) |
        .[0] as $wanted | .[1:][] | [$method, $path, "The member \u0027\($name)\u0027 must be \($wanted)", ({($name): .} | tojson)] | join("\t")' "$scratch/openapi.json")
    sed -i -E 's/\{"error": ?"([a-z_]*)", ?"text": ?"(.*)"\}$/\1: \2/' "$scratch/said.all"
    diff "$scratch/wanted.all" "$scratch/said.all" && [ "$(wc -l <"$scratch/wanted.all")" -ge 100 ]
}
check "a member of another kind than the described one is refused by its name" mistyped

trainer() {
    equal tot "$(code m1 POST /cohorts '{"cohort":"tot/1","course":"training","trains":"tdc"}')" 200 &&
        equal in "$(code m1 POST /cohorts/tot%2F1/members '{"people":["l2"]}')" 200 &&
        equal "not yet" "$(code l2 POST /cohorts '{"cohort":"mine","course":"tdc"}')" 403 &&
        equal finished "$(code m1 POST /cohorts/tot%2F1/completions '{"person":"l2","reason":"passed"}')" 204 &&
        equal "a trainer now" "$(code l2 POST /cohorts '{"cohort":"mine","course":"tdc"}')" 200 && equal runs "$(code l2 POST /cohorts/mine/members '{"people":["l1"]}')" 200 &&
        equal "other courses" "$(code l2 POST /cohorts '{"cohort":"other","course":"else"}')" 403
}
check "who finished a training of trainers runs cohorts of that course" trainer

figures() {
    equal figures "$(node hub stats --format json | gojq -c '.rows[0] | [.enrolled, .completed, .attended, .minutes]')" "[4,2,1,90]"
}
check "the figures follow within seconds: enrolled, completed, attended" eventually 20 figures

undone() {
    equal undo "$(code f1 DELETE /cohorts/autumn/completions '{"person":"l1"}')" 204 && equal drop "$(code f1 DELETE /cohorts/autumn/members '{"people":["l2"]}')" 200 &&
        equal gone "$(code m1 DELETE /cohorts/mine)" 204 && equal none "$(code m1 GET /cohorts/mine)" 404
}
check "a decision is taken back, people leave, a cohort goes" undone
lower() {
    equal completed "$(total hub completed)" 1
}
check "and the figure is lower" eventually 20 lower

moved() {
    code m1 POST /cohorts '{"cohort":"east","course":"soil"}' && code m1 POST /cohorts '{"cohort":"west","course":"soil"}' && code m1 POST /cohorts/east/members '{"people":["l2"]}' &&
        code m1 POST /cohorts/west/members '{"people":["l2"]}' && code m1 DELETE /cohorts/west/members '{"people":["l2"]}' && equal mine "$(code l2 GET /me/courses)" 200 && described /me/courses &&
        equal current "$(gojq -c '[.courses[] | select(.course == "soil") | [.registration.cohort, .current]]' "$scratch/body")" '[["east",true],["west",false]]'
}
check "who was moved and moved back goes on in the cohort that they are in" moved
finish
