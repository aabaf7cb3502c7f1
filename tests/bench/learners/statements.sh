#!/usr/bin/env bash
# statements.sh: xAPI statements over HTTP in batches of 500 (about 600 bytes each, 5,000 learners), each answer after a durable commit; wrk with 4 connections.
# Then the time of a page of one learner's statements and of one activity's. SECONDS_EACH=N (10). Needs wrk.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
QANAT_BUILD=$(cd "${QANAT_BUILD:-build}" && pwd)
source "$here/../../system/kit.sh"
seconds=${SECONDS_EACH:-10}
http=127.0.0.1:$(free_port)
node_make hub hub "" CN
printf 'http = "%s"\n' "$http" >>"$scratch/hub/qanat.conf"
node_start hub
key=$(node hub xapi key add --name Bench --rights all --json | gojq -r '.key + ":" + .secret')
cat >"$scratch/batch.lua" <<'LUA'
local function statement()
    local who, what = math.random(5000), math.random(200)
    return string.format('{"actor":{"objectType":"Agent","name":"Learner %d","account":{"homePage":"https://lms.example.com","name":"p%05d"}},"verb":{"id":"http://adlnet.gov/expapi/verbs/answered","display":{"en":"answered"}},"object":{"objectType":"Activity","id":"https://lms.example.com/course/7/item/%d","definition":{"type":"http://adlnet.gov/expapi/activities/cmi.interaction","name":{"en":"Question %d"}}},"result":{"score":{"scaled":0.%02d},"success":true,"duration":"PT12.5S","response":"answer-%d"},"context":{"registration":"00000000-0000-4000-8000-%012d","contextActivities":{"parent":[{"id":"https://lms.example.com/course/7"}]}}}', who, who, what, what, what % 100, what, who)
end
local bodies = {}
for i = 1, 40 do
    local list = {}
    for k = 1, 500 do list[k] = statement() end
    bodies[i] = "[" .. table.concat(list, ",") .. "]"
end
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["X-Experience-API-Version"] = "2.0.0"
wrk.headers["Authorization"] = os.getenv("AUTHORIZATION")
local i = 0
request = function() i = i % 40 + 1; return wrk.format(nil, nil, nil, bodies[i]) end
LUA
AUTHORIZATION="Basic $(printf %s "$key" | base64 -w0)" wrk -t1 -c4 -d"${seconds}s" -s "$scratch/batch.lua" "http://$http/xapi/statements" >"$scratch/wrk"
if grep -E 'Non-2xx|Socket errors' "$scratch/wrk"; then exit 1; fi
awk '/Requests\/sec/ { printf "statements: %.0f/s durable, in batches of 500 over HTTP\n", $2 * 500 }' "$scratch/wrk"
page() { # NAME QUERY
    for _ in $(seq 20); do
        curl -fs -o "$scratch/page" -w '%{time_total}\n' -u "$key" -H 'X-Experience-API-Version: 2.0.0' "http://$http/xapi/statements?$2"
    done | sort -n | awk -v n="$1" '{ t[NR] = $1 * 1e3 } END { printf "%s: p50 %.1f ms, max %.1f ms\n", n, t[10], t[NR] }'
}
page "the newest 100 of one learner" 'limit=100&agent=%7B%22account%22%3A%7B%22homePage%22%3A%22https%3A%2F%2Flms.example.com%22%2C%22name%22%3A%22p00042%22%7D%7D'
page "one learner at one activity  " 'limit=100&activity=https%3A%2F%2Flms.example.com%2Fcourse%2F7%2Fitem%2F7&agent=%7B%22account%22%3A%7B%22homePage%22%3A%22https%3A%2F%2Flms.example.com%22%2C%22name%22%3A%22p00042%22%7D%7D'
page "nobody                       " 'agent=%7B%22mbox%22%3A%22mailto%3Anobody%40example.com%22%7D'
