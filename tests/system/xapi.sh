#!/usr/bin/env bash
# The learning record store of a running node: every requirement of xAPI 1.0.3 and 2.0 (xapi_requirements.py), and that what was acknowledged
# survives a kill.
. "$(dirname "$0")/kit.sh"
http=127.0.0.1:$(free_port)
tests_dir=$(dirname "$0")

hub_starts() {
    node_make hub hub "" CN && printf 'http = "%s"\n' "$http" >>"$scratch/hub/qanat.conf" && node_start hub
}
check "a hub starts" hub_starts

key_of() { # NAME RIGHTS
    node hub xapi key add --name "$1" --rights "$2" --json | gojq -r '.key + ":" + .secret'
}
keys_made() {
    user=$(key_of Tester all) && reader=$(key_of Reader read) && [ ${#user} -gt 80 ] && [ ${#reader} -gt 80 ]
}
check "a running node gives keys to programs" keys_made

python3 "$tests_dir/xapi_requirements.py" "$http" "$user" "$reader" >"$scratch/requirements" 2>&1
while IFS= read -r line; do # its lines go on behind ours
    case $line in
    ok\ *) tests=$((tests + 1)); echo "ok $tests ${line#ok * }" ;;
    not\ ok\ *) tests=$((tests + 1)); failures=$((failures + 1)); echo "not ok $tests ${line#not ok * }" ;;
    1..*) planned=${line#1..} ;;
    *) echo "# $line" ;;
    esac
done <"$scratch/requirements"
check "all requirements were tried" test "$tests" -eq $((${planned:-0} + 2))

statement() { # NUMBER
    printf '{"id":"%08d-0000-4000-8000-000000000000","actor":{"mbox":"mailto:a@example.com"},"verb":{"id":"http://v.example.com/"},"object":{"id":"http://a.example.com/"}}' "$1"
}
acknowledged_survives() {
    local i
    (
        for i in $(seq 1 2000); do
            code=$(statement "$i" | curl -s -o /dev/null -w '%{http_code}' -u "$user" -H 'X-Experience-API-Version: 2.0.0' -H 'Content-Type: application/json' \
                --data-binary @- "http://$http/xapi/statements") || break
            [ "$code" = 200 ] || break
            echo "$i"
        done
    ) >"$scratch/acknowledged" &
    local writer=$!
    sleep 1
    node_kill hub
    wait $writer
    node_start hub || return 1
    [ -s "$scratch/acknowledged" ] || { echo "nothing was acknowledged"; return 1; }
    i=$(tail -n 1 "$scratch/acknowledged")
    while [ "$i" -gt 0 ]; do
        [ "$(curl -s -o /dev/null -w '%{http_code}' -u "$user" -H 'X-Experience-API-Version: 2.0.0' \
            "http://$http/xapi/statements?statementId=$(printf '%08d-0000-4000-8000-000000000000' "$i")")" = 200 ] || { echo "statement $i is lost"; return 1; }
        i=$((i > 20 ? i - 7 : i - 1))
    done
}
check "what was acknowledged survives a kill" acknowledged_survives

state_put() { # BYTES: the answer to a state whose id has so many
    curl -s -o "$scratch/body" -w '%{http_code}' -X PUT -G -u "$user" -H 'X-Experience-API-Version: 2.0.0' -H 'Content-Type: text/plain' --data-urlencode 'activityId=http://example.org/a' \
        --data-urlencode 'agent={"mbox":"mailto:a@example.org"}' --data-urlencode "stateId=$(printf "%0$1d" 0)" "http://$http/xapi/activities/state"
}
names_bounded() {
    equal longest "$(state_put 1024)" 204 && equal "one more" "$(state_put 1025)" 400 && grep -q "'stateId' must be there, with 1 to 1024 bytes" "$scratch/body"
}
check "the name of a document has at most 1024 bytes" names_bounded

removed_opens_nothing() {
    node hub xapi key remove "${user%%:*}" && equal code "$(curl -s -o /dev/null -w '%{http_code}' -u "$user" -H 'X-Experience-API-Version: 2.0.0' \
        "http://$http/xapi/statements")" 401
}
check "a removed key opens nothing" removed_opens_nothing
finish
