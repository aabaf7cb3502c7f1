#!/usr/bin/env bash
# Somebody is erased: nothing in the data directory, read as raw bytes, names them any more; what they did stays counted.
. "$(dirname "$0")/kit.sh"
http=127.0.0.1:$(free_port)
content=127.0.0.1:$(free_port)
api=http://$http/api/v1
# Parts of the id, of both names, of what they wrote: as they stand, and as indexes fold and cut them.
words='zq7-ubay|ubaydah|wertzuiop|لصغرى|iary-of-mine|xattachmentx'

bees_make() { # DIR: one unit of cmi5
    mkdir -p "$1" && echo '<!DOCTYPE html><title>1</title>' >"$1/one.html" && cat >"$1/cmi5.xml" <<'XML'
<?xml version="1.0" encoding="utf-8"?>
<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">
<course id="https://example.org/c"><title><langstring lang="en">Bees</langstring></title><description><langstring lang="en">d</langstring></description></course>
<au id="https://example.org/c/1" moveOn="Passed"><title><langstring lang="en">One</langstring></title><description><langstring lang="en">d</langstring></description><url>one.html</url></au>
</courseStructure>
XML
}

starts() {
    node_make hub hub "" CN && printf 'http = "%s"\ncontent = "%s"\n' "$http" "$content" >>"$scratch/hub/qanat.conf" &&
        mkdir -p "$scratch/page" && echo '<!DOCTYPE html><title>Soil</title><p>x' >"$scratch/page/index.html" && node hub course import "$scratch/page" --id soil --lang en && bees_make "$scratch/bees" && node hub course import "$scratch/bees" --id bees --lang en &&
        people_make "$scratch/people.csv" 3000 && node hub person import "$scratch/people.csv" && node_start hub &&
        node hub person add --id f1 --name Fa --role facilitator --password 'correct horse' && node hub person add --id root --name Ro --role administrator --password 'correct horse'
}
check "a hub with 3,000 people starts" starts

declare -A csrf
as() { # PERSON: signs in
    curl -fsS -o "$scratch/body" -c "$scratch/$1.jar" -H 'Content-Type: application/json' -d "{\"person\":\"$1\",\"password\":\"correct horse\"}" "$api/session" && csrf[$1]=$(gojq -r .csrf "$scratch/body")
}
code() { # PERSON METHOD PATH [BODY]
    curl -s -o "$scratch/body" -w '%{http_code}' -b "$scratch/$1.jar" -H "X-Qanat-CSRF: ${csrf[$1]}" -X "$2" ${4:+-H 'Content-Type: application/json' --data-binary "$4"} "$api$3"
}
# Everything a person leaves: other names before this one, a sign-in, a launch with its state, results, a cohort with attendance and a decision, a certificate
# with its file, statements with an attachment in two roles, documents, merged ids, lines of the log. Others' rows are written between.
lives() {
    local n launch
    node hub person add --id zzq7-zubaydah --name 'Zubaydah Qwertzuiop' --gender female --password 'correct horse' && node hub person add --id zzq7-zubaydah-2 --name 'زبيدة الصغرى' || return 1
    for n in 1 2 3; do
        node hub person add --id zzq7-zubaydah --name "Zubaydah Qwertzuiop $n" --institution "Institute of zzq7-zubaydah" --lang ar &&
            awk -F, -v OFS=, -v n=$n 'NR > 1 { $2 = $2 " changed " n } { print }' "$scratch/people.csv" >"$scratch/changed.csv" && node hub person import "$scratch/changed.csv" || return 1
    done
    node hub person merge zzq7-zubaydah zzq7-zubaydah-2 && as zzq7-zubaydah && as f1 && as root &&
        equal launch "$(code zzq7-zubaydah POST /launches '{"course":"soil"}')" 201 && launch=$(gojq -r .launch "$scratch/body") &&
        equal commit "$(code zzq7-zubaydah PUT "/launches/$launch/state" '{"seq":1,"state":{"text":"diary-of-mine, by Zubaydah Qwertzuiop"},"result":{"progress":0.5,"seconds":60}}')" 200 &&
        equal again "$(code zzq7-zubaydah PUT "/launches/$launch/state" '{"seq":2,"state":{"text":"diary-of-mine"},"result":{"completion":true,"score":90,"seconds":120}}')" 200 &&
        printf 'event_id,person,course,kind,at,score,minutes\nzzq7-zubaydah-ev1,zzq7-zubaydah,water,completed,2026-10-05,80,30\n' >"$scratch/results.csv" && node hub result import "$scratch/results.csv" &&
        results_make "$scratch/more.csv" ev 2000 3000 water && node hub result import "$scratch/more.csv" &&
        equal cohort "$(code f1 POST /cohorts '{"cohort":"autumn","course":"soil"}')" 200 && equal member "$(code f1 POST /cohorts/autumn/members '{"people":["zzq7-zubaydah"]}')" 200 &&
        equal attends "$(code f1 POST /cohorts/autumn/attendance '{"session":"2026-10-05","people":["zzq7-zubaydah"],"minutes":90}')" 200 &&
        equal decides "$(code f1 POST /cohorts/autumn/completions '{"person":"zzq7-zubaydah","reason":"diary-of-mine was good"}')" 204 &&
        equal certifies "$(code f1 POST /credentials '{"person":"zzq7-zubaydah","course":"soil"}')" 200 || return 1
    number=$(gojq -r .id "$scratch/body")
    equal "the log" "$(code root POST /admin/commands '{"words":["person","add","--id","zzq7-zubaydah","--name","Zubaydah Qwertzuiop","--gender","female"]}')" 200
}
check "somebody lives there" lives

# Statements by them and about them, one with an attachment, documents, an open session of a unit.
states() {
    local actor key n others='{"mbox":"mailto:o@example.com"}'
    equal "a unit" "$(code zzq7-zubaydah POST /launches '{"course":"bees"}')" 201 && actor=$(gojq -c .actor "$scratch/body") && key=$(node hub xapi key add --name t --rights all --json | gojq -r '.key + ":" + .secret') || return 1
    xapi() { curl -s -o "$scratch/body" -w '%{http_code}' -u "$key" -H 'X-Experience-API-Version: 1.0.3' "$@"; }
    say() { # ACTOR MORE
        printf '{"actor":%s,"verb":{"id":"http://v.example.com/"},"object":{"id":"http://a.example.com/"}%s}' "$1" "$2"
    }
    for n in $(seq 60); do
        equal by "$(say "$actor" ',"result":{"response":"diary-of-mine"}' | xapi -H 'Content-Type: application/json' --data-binary @- "http://$http/xapi/statements")" 200 &&
            equal between "$(say "$others" '' | xapi -H 'Content-Type: application/json' --data-binary @- "http://$http/xapi/statements")" 200 || return 1
    done
    equal about "$(say "$others" ",\"context\":{\"instructor\":$actor}" | xapi -H 'Content-Type: application/json' --data-binary @- "http://$http/xapi/statements")" 200 || return 1
    printf 'xattachmentx of zzq7-zubaydah, %5000s' x >"$scratch/attachment"
    n=$(sha256sum <"$scratch/attachment" | cut -d' ' -f1)
    { printf -- '--B\r\nContent-Type: application/json\r\n\r\n'
      say "$actor" ",\"attachments\":[{\"usageType\":\"http://u.example.com/\",\"display\":{\"en\":\"x\"},\"contentType\":\"text/plain\",\"length\":$(stat -c %s "$scratch/attachment"),\"sha2\":\"$n\"}]"
      printf -- '\r\n--B\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: %s\r\n\r\n' "$n"
      cat "$scratch/attachment"
      printf -- '\r\n--B--\r\n'; } >"$scratch/mixed"
    equal attachment "$(xapi -H 'Content-Type: multipart/mixed; boundary=B' --data-binary "@$scratch/mixed" "http://$http/xapi/statements")" 200 || return 1
    equal state "$(xapi -X PUT -H 'Content-Type: text/plain' -d diary-of-mine "http://$http/xapi/activities/state?stateId=s&activityId=http%3A%2F%2Fa.example.com%2F&agent=$(gojq -rn --arg a "$actor" '$a | @uri')")" 204 &&
        equal profile "$(xapi -X PUT -H 'Content-Type: text/plain' -H 'If-None-Match: *' -d diary-of-mine "http://$http/xapi/agents/profile?profileId=p&agent=$(gojq -rn --arg a "$actor" '$a | @uri')")" 204
}
check "and is spoken of over xAPI" states

named() { # which files name them
    grep -rlaiE "$words" "$scratch/hub" | sort
}
figures() { node hub stats --by course --json | gojq -c '[.rows[] | select(.by.course != "") | [.by.course, .enrolled, .started, .completed, .certified, .attended, .minutes, .score.mean]] | sort'; }
settled() { # what was told has come to the figures
    equal soil "$(figures | gojq -c '.[] | select(.[0] == "soil") | [.[3], .[4], .[5]]')" '[2,1,1]'
}
erased() {
    eventually 10 settled && figures >"$scratch/figures"
    named >"$scratch/before"
    cat "$scratch/before"
    grep -q qanat.db "$scratch/before" && node hub person erase zzq7-zubaydah && equal "files that name them" "$(named)" "" && equal "the certificate" "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/verify/$number")" 404
}
check "after erasing nothing in the data directory names them" erased

counted() {
    equal figures "$(figures)" "$(cat "$scratch/figures")" && equal registered "$(total hub registered)" 3002 && equal session "$(code zzq7-zubaydah GET /me/courses)" 401 && ! node hub person erase zzq7-zubaydah
}
check "what they did stays counted, and they are registered no more" eventually 10 counted

stopped() {
    node_stop hub && equal "files that name them" "$(named)" "" && "$qanat" verify --dir "$scratch/hub"
}
check "nor after the node has stopped; the database is whole" stopped
finish
