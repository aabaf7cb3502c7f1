#!/usr/bin/env bash
# Strangers and misbehaving members at the listening port change nothing: memory stays small, other peers are served.
. "$(dirname "$0")/kit.sh"
stranger=${QANAT_BUILD:-$(dirname "$qanat")}/tests/system/stranger

http=127.0.0.1:$(free_port)
ulimit -n 8192

setup() {
    node_make hub hub && printf 'http = "%s"\n' "$http" >>"$scratch/hub/qanat.conf" && node_start hub && node_make centre national hub && node_start centre && node centre sync &&
        node_make rogue national hub
}
check "a hub and a centre in step" setup

peak_kib() {
    awk '/VmHWM/ { print $2 }' "/proc/${node_pid[hub]}/status"
}

# served MODE: the misbehaviour runs while the centre syncs; both must come to a good end.
served() {
    "$stranger" "$1" "${node_port[hub]}" "$scratch/rogue" "$scratch/hub" >"$scratch/$1.said" 2>&1 &
    local pid=$! code=0
    sleep 0.5
    node centre sync --timeout 20 || code=1
    wait "$pid" || { echo "stranger: $?"; code=1; }
    cat "$scratch/$1.said"
    echo "# $(cat "$scratch/$1.said"); hub at most $(peak_kib) KiB" >>"$scratch/figures"
    [ "$(peak_kib)" -le 262144 ] || { echo "the hub took $(peak_kib) KiB"; code=1; }
    node centre sync --timeout 20 || code=1
    return $code
}
check "400 unfinished handshakes" served idle
check "a frame of 2 GiB" served giant
check "200 clients with random keys" served keys
check "a member's decompression bomb, nested protobuf and noise" served bomb

# answers MODE: a flood at the pages is held while somebody signs in and looks at the figures.
answers() {
    local code=0 line
    coproc flood { "$stranger" "$1" "${http##*:}" 2>&1; }
    read -r -t 30 line <&"${flood[0]}"
    equal "who signs in" "$(curl -s -m 5 -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d '{"person":"a","password":"b"}' "http://$http/api/v1/session")" 401 || code=1
    equal "who looks" "$(curl -s -m 5 -o /dev/null -w '%{http_code}' "http://$http/hub")" 200 || code=1
    [ "$(peak_kib)" -le 262144 ] || { echo "the hub took $(peak_kib) KiB"; code=1; }
    exec {flood[1]}>&-
    wait "$flood_PID" || { echo "stranger: $?"; code=1; }
    echo "# $line; hub at most $(peak_kib) KiB" >>"$scratch/figures"
    return $code
}
check "bodies of nothing but values, and many that never end" answers values
# A record of 900 kB comes slowly, with the key of a client, through such a flood from its own address.
stored() {
    local key client
    key=$(node hub xapi key add --name p --rights all --json | gojq -r '.key + ":" + .secret') || return 1
    head -c 900000 /dev/zero >"$scratch/state"
    curl -s -o /dev/null -w '%{http_code}' --limit-rate 500k -u "$key" -H 'X-Experience-API-Version: 1.0.3' -T "$scratch/state" \
        "http://$http/xapi/activities/state?activityId=http://a.example/&stateId=s&agent=%7B%22mbox%22:%22mailto:a@a.example%22%7D" >"$scratch/stored" &
    client=$!
    sleep 0.4
    answers values || return 1
    wait "$client"
    equal "what a client sends" "$(cat "$scratch/stored")" 204
}
check "what a client sends meanwhile is taken" stored
check "thousands of requests from a few addresses that never end" answers places

new_handshake() {
    node_stop centre && node centre sync --timeout 30
}
check "a new connection is still taken" new_handshake
check "the hub stops cleanly" node_stop hub
cat "$scratch/figures"
finish
