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
        node campus credential issue --person p00004 --course glyphs --title $'\xf3\xb0\x80\x81' >"$scratch/fontless.json" &&
        node campus credential export "$(gojq -r .id "$scratch/four.json")" "$scratch/four.pdf"
}
check "the campus issues certificates while it runs" issue

unknown_list() {
    node hub credential verify "$scratch/one.json" --json >"$scratch/verdict" &&
        equal "age of the list" "$(gojq -r .revocations.age_hours "$scratch/verdict")" null && node hub credential verify "$scratch/one.json" |
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
    equal verdict "$(gojq -r .verdict <<<"$said")" "$3" && equal issuer "$(gojq -r .issuer.name <<<"$said")" campus
}
valid_everywhere() {
    up && eventually 20 known hub "$scratch/one.json" valid && known centre "$scratch/two.json" valid && known hub "$scratch/four.pdf" valid &&
        equal "age of the list" "$(node hub credential verify "$scratch/one.json" --json | gojq -r .revocations.age_hours)" 0
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
    node campus credential revoke "$(gojq -r .id "$scratch/one.json")" --reason "issued in error" && known campus "$scratch/one.json" revoked && up && eventually 20 known hub "$scratch/one.json" revoked && known hub "$scratch/two.json" valid &&
        node hub credential verify "$scratch/one.json" 2>&1 | grep -q "issued in error"
}
check "a revocation travels up, and the hub says when and why" revoke

figures() {
    equal certified "$(total hub certified)" 4 && equal revoked "$(total hub revoked)" 1
}
check "the hub's figures have four certified and one revoked" eventually 20 figures

# --- by the web ---------------------------------------------------------------------------------------------
http=127.0.0.1:$(free_port)
api=http://$http/api/v1

web_starts() {
    node_stop campus && printf 'http = "%s"\n' "$http" >>"$scratch/campus/qanat.conf" &&
        printf 'id,name,role,password\np00002,Learner 2,learner,correct horse\nf1,Fa,facilitator,battery staple\nm1,Ma,manager,battery staple\n' >"$scratch/staff.csv" &&
        node campus person import "$scratch/staff.csv" && node_start campus
}
check "the campus has pages" web_starts

as() { # PERSON PASSWORD: signs in; the jar and the token are in $scratch/PERSON.*
    curl -fsS -c "$scratch/$1.jar" -H 'Content-Type: application/json' -d "{\"person\":\"$1\",\"password\":\"$2\"}" "$api/session" | gojq -r .csrf >"$scratch/$1.csrf"
}
code() { # PERSON METHOD PATH [BODY]: the status; the answer is in $scratch/body
    curl -s -o "$scratch/body" -w '%{http_code}' -b "$scratch/$1.jar" -H "X-Qanat-CSRF: $(cat "$scratch/$1.csrf")" -X "$2" ${4:+-H 'Content-Type: application/json' -d "$4"} "$api$3"
}
described() { # PATH: the answer in $scratch/body is what the description of the API says, no more and no less
    curl -fsS "$api/openapi.json" >"$scratch/openapi.json" && python3 "$(dirname "$0")/described.py" "$scratch/openapi.json" "/api/v1$1" <"$scratch/body"
}
number() { # FILE
    gojq -r .id "$1" | cut -d: -f3
}

mine() {
    local two
    two=$(number "$scratch/two.json")
    as p00002 'correct horse' && as f1 'battery staple' && as m1 'battery staple' &&
        equal list "$(code p00002 GET /me/credentials)" 200 && equal mine "$(gojq -r '.credentials | length, .[0].id' "$scratch/body" | xargs)" "1 $two" &&
        equal json "$(code p00002 GET "/me/credentials/$two.json")" 200 && cmp "$scratch/body" <(head -c -1 "$scratch/two.json") &&
        equal pdf "$(code p00002 GET "/me/credentials/$two.pdf")" 200 && node hub credential verify "$scratch/body" &&
 equal "a page for people" "$(curl -s -o "$scratch/body" -w '%{http_code} %{content_type}' -b "$scratch/f1.jar" -H 'Accept: text/html,*/*' "$api/me/credentials/$(number "$scratch/fontless.json").pdf?lang=fr")" "503 text/html; charset=utf-8" &&
        grep -q '<html lang="fr"' "$scratch/body" && grep -q 'no font on this machine' "$scratch/body" &&
        equal "a word for programs" "$(code f1 GET "/me/credentials/$(number "$scratch/fontless.json").pdf") $(gojq -r .error "$scratch/body")" "503 no_font" &&
        equal "nobody is in" "$(curl -s -o "$scratch/body" -w '%{http_code}' -H 'Accept: text/html' "$api/me/credentials/$two.pdf?lang=zh") $(grep -c 'href="/signin?next=/api/v1/me/credentials/' "$scratch/body")" "401 1" &&
        equal "another's" "$(code p00002 GET "/me/credentials/$(number "$scratch/four.json").json")" 404 &&
        equal "a facilitator" "$(code f1 GET "/me/credentials/$(number "$scratch/four.json").pdf")" 200
}
check "a learner sees and downloads their own, and nobody else's" mine

by_hand() {
    local new
    equal learner "$(code p00002 POST /credentials '{"person":"p00003","course":"tdc"}')" 403 &&
        equal issue "$(code f1 POST /credentials '{"person":"p00003","course":"tdc","title":"By hand"}')" 200 && new=$(gojq -r .id "$scratch/body") &&
        equal again "$(code f1 POST /credentials '{"person":"p00003","course":"tdc"}')" 200 && equal same "$(gojq -r '.id, .new' "$scratch/body" | xargs)" "$new false" &&
        equal "by a facilitator" "$(code f1 DELETE "/credentials/$new" '{"reason":"x"}')" 403 &&
        equal "no reason" "$(code m1 DELETE "/credentials/$new" '{}')" 400 && equal revoke "$(code m1 DELETE "/credentials/$new" '{"reason":"wrong person"}')" 200 &&
        equal unknown "$(code m1 DELETE /credentials/1b4e28ba-2fa1-41d2-883f-0016d3cca427 '{"reason":"x"}')" 404 &&
        equal list "$(code m1 GET /credentials)" 200 && gojq -e 'any(.credentials[]; .reason == "wrong person")' "$scratch/body" && described /credentials
}
check "a facilitator issues, a manager revokes" by_hand

people() {
    equal learner "$(code p00002 GET '/people?q=fat')" 403 &&
        equal found "$(code f1 GET '/people?q=%D9%81%D8%A7%D8%B7%D9%85')" 200 && equal who "$(gojq -r '.people[0].id' "$scratch/body")" p00004 && described /people &&
        equal "no number" "$(code f1 GET '/people?limit=-2') $(code f1 GET '/people?limit=') $(code f1 GET '/people?limit=2k')" "400 400 400" &&
        equal "digits" "$(code f1 GET "/people?limit=$(printf '9%.0s' {1..18})") $(code f1 GET "/people?limit=$(printf '9%.0s' {1..19})")" "200 400" &&
        equal page "$(code f1 GET '/people?limit=2&after=p00001')" 200 && equal ids "$(gojq -r '.people[].id' "$scratch/body" | xargs)" "p00002 p00003" &&
        equal one "$(code f1 GET '/people?id=p00004')" 200 && equal "who, and nobody" "$(gojq -r '.people[].id' "$scratch/body") $(code f1 GET '/people?id=p0000' >/dev/null && gojq '.people | length' "$scratch/body")" "p00004 0" &&
        equal "not a manager" "$(code f1 POST '/people/import?dry_run=1' 'id,name')" 403 &&
        equal dry "$(code m1 POST '/people/import?dry_run=1' $'id,name\nq1,Q\nq2,\n')" 200 && gojq -e '.dry_run and .added == 1 and .refused == 1' "$scratch/body" &&
        equal nobody "$(code f1 GET '/people?q=q1')" 200 && equal none "$(gojq '.people | length' "$scratch/body")" 0
}
check "facilitators find people, managers import them" people

page() { # curl's words
    curl -fsS "$@" >"$scratch/page"
}
checked_by_anybody() {
    page "http://$http/verify" && grep -q '<form' "$scratch/page" &&
        page -F text= -F "file=@$scratch/two.json" "http://$http/verify" && grep -q 'is valid' "$scratch/page" && grep -q 'Learner 2' "$scratch/page" &&
        page -F text= -F "file=@$scratch/four.pdf" "http://$http/verify" && grep -q 'is valid' "$scratch/page" && grep -q 'فاطمة' "$scratch/page" &&
        page --data-urlencode "text@$scratch/altered.json" "http://$http/verify" && grep -q 'was altered' "$scratch/page" &&
        page "http://$http/verify/$(number "$scratch/one.json")" && grep -q 'issued in error' "$scratch/page" && grep -q "now ($(LC_ALL=C date -u '+%-d %B %Y'), [0-9:]* UTC)" "$scratch/page" &&
        curl -sI "http://$http/verify/$(number "$scratch/one.json")" | grep -qi '^x-robots-tag: noindex' &&
        page -G --data-urlencode "c=$(grep -aoE 'QANAT1\.[A-Za-z0-9_-]+' "$scratch/four.pdf" | head -1)" "http://$http/verify" && grep -q 'is valid' "$scratch/page" &&
        equal none "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/verify/1b4e28ba-2fa1-41d2-883f-0016d3cca427")" 404 &&
        equal verdict "$(curl -fsS --data-binary "@$scratch/one.json" "$api/verify" | gojq -r .verdict)" revoked
}
check "anybody checks a file, a PDF, a pasted text, a code and a number, without a script" checked_by_anybody

listed() {
    local list
    list=$(gojq -r .credentialStatus.statusListCredential "$scratch/one.json" | cut -d: -f3)
    page "http://$http/verify/status/$list" && gojq -e '.type | index("BitstringStatusListCredential")' "$scratch/page" &&
        equal other "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/verify/status/1b4e28ba-2fa1-41d2-883f-0016d3cca427")" 404
}
check "the status list is served" listed

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
        node campus credential status "$(gojq -r .id "$scratch/one.json")" >"$scratch/list.json" && judged "$scratch/list.json" &&
            judged "$scratch/two.json" "$scratch/list.json" && equal verdict "$(judged "$scratch/one.json" "$scratch/list.json")" revoked
    }
    check "and reads our status list: one revoked, the others not" list
else
    echo "# SKIP the independent verifier: npm could not fetch it"
fi
finish
