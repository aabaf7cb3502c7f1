#!/usr/bin/env bash
# Certificates: issued at a campus, checked at every node without a link, revoked, altered; and judged by libraries that are not ours.
. "$(dirname "$0")/kit.sh"

tiers_make() {
    node_make hub hub && node_start hub && node_make centre national hub && node_start centre && node centre sync &&
        node hub sync && node_make campus campus centre && node_start campus && node campus sync && node centre sync
}
check "a hub, a centre, a campus" tiers_make

issue() { # the centre is down: nothing goes up yet
    node_stop centre && people_make "$scratch/people.csv" 3 && node campus person import "$scratch/people.csv" &&
        echo 'id,name,gender
p00004,فاطمة الزهراء,female' >"$scratch/fatima.csv" && node campus person import "$scratch/fatima.csv" &&
        node campus credential issue --person p00001 --course tdc --title 'Data "and" Skills \ 数据' --score 91.5 >"$scratch/one.json" &&
        node campus credential issue --person p00002 --course tdc --lang ar --expires 2090-01-01 >"$scratch/two.json" &&
        node campus credential issue --person p00004 --course tdc --lang ar --title 'الكفايات الرقمية' --out "$scratch/four.json" &&
        node campus credential export "$(jq -r .id "$scratch/four.json")" "$scratch/four.pdf"
}
check "the campus issues certificates while it runs" issue

unknown_list() {
    node hub credential verify "$scratch/one.json" --json >"$scratch/verdict" &&
        equal "age of the list" "$(jq -r .revocations.age_hours "$scratch/verdict")" null && node hub credential verify "$scratch/one.json" |
        grep -q "no revocation list of that node has come here"
}
check "the hub, that heard nothing of it yet, says whose it is and that revocation is not known" unknown_list

up() { # the campus's cells come to the hub
    [ -n "${node_pid[centre]:-}" ] || node_start centre || return 1
    node campus sync && node centre sync
}
known() { # NODE FILE VERDICT
    local said
    said=$(node "$1" credential verify "$2" --json 2>"$scratch/stderr")
    equal verdict "$(jq -r .verdict <<<"$said")" "$3" && equal issuer "$(jq -r .issuer.name <<<"$said")" campus
}
valid_everywhere() {
    up && eventually 20 known hub "$scratch/one.json" valid && known centre "$scratch/two.json" valid && known hub "$scratch/four.pdf" valid &&
        equal "age of the list" "$(node hub credential verify "$scratch/one.json" --json | jq -r .revocations.age_hours)" 0
}
check "after a sync every node knows how old the list is, of a file and of a PDF" valid_everywhere

altered() {
    sed 's/91.5/99.5/' "$scratch/one.json" >"$scratch/altered.json" && known hub "$scratch/altered.json" altered &&
        ! node hub credential verify "$scratch/altered.json" 2>"$scratch/said" && grep -q altered "$scratch/said"
}
check "one changed figure is found, with exit 1" altered

stranger() {
    node_make other hub && node other person add --id p00001 --name X && node other credential issue --person p00001 --course tdc >"$scratch/other.json" &&
        ! node hub credential verify "$scratch/other.json" 2>"$scratch/said" && grep -q "no node of the federation" "$scratch/said"
}
check "a node of another federation is an unknown issuer" stranger

revoke() {
    node campus credential revoke "$(jq -r .id "$scratch/one.json")" --reason "issued in error" && known campus "$scratch/one.json" revoked && up && eventually 20 known hub "$scratch/one.json" revoked && known hub "$scratch/two.json" valid &&
        node hub credential verify "$scratch/one.json" 2>&1 | grep -q "issued in error"
}
check "a revocation travels up, and the hub says when and why" revoke

figures() {
    equal certified "$(total hub certified)" 3 && equal revoked "$(total hub revoked)" 1
}
check "the hub's figures have three certified and one revoked" eventually 20 figures

# --- judged by others ---------------------------------------------------------------------------------------
verifier=${QANAT_VERIFIER:-$scratch/verifier}
if [ ! -d "$verifier/node_modules" ]; then
    mkdir -p "$verifier"
    cp "$(dirname "$0")"/verifier/* "$verifier"
    command -v npm >/dev/null && (cd "$verifier" && npm ci --ignore-scripts --no-audit --no-fund) >"$scratch/npm.log" 2>&1
fi
if [ -d "$verifier/node_modules" ]; then
    judged() { # FILE [LIST]
        node_js "$verifier/verify.mjs" "$@"
    }
    node_js() {
        command node "$@"
    }
    accepts() {
        judged "$scratch/two.json" && judged "$scratch/four.json"
    }
    check "an independent verifier accepts both proofs" accepts
    rejects() {
        local at size
        size=$(wc -c <"$scratch/four.json")
        for at in 400 700 1100 1500; do # one byte of a text
            python3 - "$scratch/four.json" "$scratch/byte.json" "$at" <<'PYTHON' || return 1
import json, sys
text = bytearray(open(sys.argv[1], 'rb').read())
was = json.loads(text)
for at in range(int(sys.argv[3]), len(text)):
    old = text[at]
    text[at] = ord('7') if old != ord('7') else ord('8')
    try:
        if json.loads(text) != was and b'"' not in bytes([old]):
            break
    except ValueError:
        pass
    text[at] = old
open(sys.argv[2], 'wb').write(text)
PYTHON
            ! judged "$scratch/byte.json" || { echo "accepted with a byte changed at $at of $size"; return 1; }
            ! node hub credential verify "$scratch/byte.json" || { echo "ours accepted it"; return 1; }
        done
    }
    check "and rejects one changed byte, as we do" rejects
    list() {
        node campus credential status "$(jq -r .id "$scratch/one.json")" >"$scratch/list.json" && judged "$scratch/list.json" &&
            judged "$scratch/two.json" "$scratch/list.json" && equal verdict "$(judged "$scratch/one.json" "$scratch/list.json")" revoked
    }
    check "and reads our status list: one revoked, the others not" list
else
    echo "# SKIP the independent verifier: npm could not fetch it"
fi
finish
