#!/usr/bin/env bash
# Signing in: sessions, back-off, who may do what, and what another site's page cannot.
. "$(dirname "$0")/kit.sh"
http=127.0.0.1:$(free_port)
content=127.0.0.1:$(free_port)
api=http://$http/api/v1

hub_starts() {
    node_make hub hub "" CN || return 1
    printf 'http = "%s"\ncontent = "%s"\nregistration_code = "class of 26"\npublic_url = "https://learn.example"\npublic_content = "https://content.example/"\n' "$http" "$content" >>"$scratch/hub/qanat.conf"
    printf 'id,name,role,password\np1,Amina Sow,learner,correct horse\nm1,Mo Manager,manager,battery staple\n' >"$scratch/people.csv"
    node hub person import "$scratch/people.csv" && node_start hub
}
check "a hub with two people starts" hub_starts

# code METHOD PATH [curl's words...]: the answer's status; the body is in $scratch/body, the headers in $scratch/head.
code() {
    local method=$1 path=$2
    shift 2
    curl -s -o "$scratch/body" -D "$scratch/head" -w '%{http_code}' -X "$method" "$@" "$api$path"
}
json=(-H 'Content-Type: application/json')

sign_in() { # JAR PERSON PASSWORD
    code POST /session "${json[@]}" -c "$scratch/$1" -d "{\"person\":\"$2\",\"password\":\"$3\"}"
}

policy() { # HOST ADDRESS: the policy of a page
    curl -s -o "$scratch/body" -D - -H "Host: $1" "http://$2" | grep -i '^content-security-policy'
}
public() {
    policy learn.example "$http/" | grep -q "frame-src 'self' https://content.example;" && policy "$http" "$http/" | grep -q "frame-src 'self' http://$content;" &&
        policy content.example "$content/c/none/x" | grep -q "frame-ancestors 'self' http://learn.example https://learn.example;" &&
        policy "$content" "$content/c/none/x" | grep -q "frame-ancestors 'self' http://$http "
}
check "who comes by the public address gets content from its public one, who comes by the local from the local one" public

nobody() {
    equal code "$(code GET /session)" 200 && gojq -e '.signed_in == false and .person == null and .registration == true and .node.kind == "hub"' "$scratch/body"
}
check "before signing in one is nobody" nobody

signs_in() {
    equal wrong "$(sign_in jar p1 'correct horsf')" 401 && equal word "$(gojq -r .error "$scratch/body")" wrong_password || return 1
    equal right "$(sign_in jar p1 'correct horse')" 200 || return 1
    grep -qi '^set-cookie: qanat_session=.*HttpOnly; SameSite=Strict' "$scratch/head" && grep -qi '^cache-control: no-store' "$scratch/head" || return 1
    equal me "$(code GET /session -b "$scratch/jar")" 200
    gojq -e '.person.id == "p1" and .person.roles == ["learner"] and (.csrf | length) == 32' "$scratch/body"
}
check "the right password opens a session" signs_in
csrf=$(gojq -r .csrf "$scratch/body")

hashed() {
    local token
    token=$(awk '/qanat_session/ { print $7 }' "$scratch/jar")
    [ "${#token}" -eq 43 ] && ! grep -qF "$token" "$scratch"/hub/qanat.db*
}
check "the token of the session is nowhere in the data directory" hashed

shadowed() { # what a course's script may set on the same host comes before ours
    local token
    token=$(awk '/qanat_session/ { print $7 }' "$scratch/jar")
    equal "a false one before it" "$(code GET /me -H "Cookie: qanat_session=false; x=1; qanat_session=$token")" 200 || return 1
    equal "two signed in" "$(sign_in jar5 m1 'battery staple')" 200 || return 1
    equal me "$(code GET /session -H "Cookie: qanat_session=$(awk '/qanat_session/ { print $7 }' "$scratch/jar5"); qanat_session=$token")" 200 || return 1
    gojq -e '.person.id == "p1"' "$scratch/body" || return 1
    equal "false ones alone" "$(code GET /me -H "Cookie: qanat_session=; qanat_session=$(printf 'x%.0s' $(seq 500)); xqanat_session=$token")" 401
}
check "a cookie of the same name that a course sets takes nobody's place" shadowed

language() { # as PUT /me answers to a body, and the language that the person then has
    local status
    status=$(code PUT /me "${json[@]}" -b "$scratch/jar" -H "X-Qanat-CSRF: $csrf" -d "$1") && code GET /me -b "$scratch/jar" >/dev/null && echo "$status $(gojq -r .person.lang "$scratch/body")"
}
languages() {
    equal one "$(language '{"lang":"pt-BR"}')" "200 pt-BR" && equal "nothing asked" "$(language '{}')" "200 pt-BR" &&
        equal misspelt "$(language '{"langauge":"ar"}')" "400 pt-BR" && equal "no language" "$(language '{"lang":"f"}')" "400 pt-BR" &&
        equal "no text" "$(language '{"lang":null}')" "400 pt-BR" && equal "the browser's own" "$(language '{"lang":""}')" "200 "
}
check "a language is a tag, and stays when none is said" languages

guarded() {
    local put=(PUT /me "${json[@]}" -b "$scratch/jar" -d '{"lang":"ar"}')
    equal "no token" "$(code "${put[@]}")" 403 && equal word "$(gojq -r .error "$scratch/body")" csrf || return 1
    equal "wrong token" "$(code "${put[@]}" -H "X-Qanat-CSRF: 0$csrf")" 403 || return 1
    equal "content origin" "$(code "${put[@]}" -H "X-Qanat-CSRF: $csrf" -H "Origin: http://$content")" 403 || return 1
    equal "opaque origin" "$(code "${put[@]}" -H "X-Qanat-CSRF: $csrf" -H 'Origin: null')" 403 || return 1
    equal "other site" "$(code "${put[@]}" -H "X-Qanat-CSRF: $csrf" -H 'Sec-Fetch-Site: cross-site')" 403 || return 1
    equal "sign-in from elsewhere" "$(code POST /session "${json[@]}" -H 'Origin: http://evil.example' -d '{"person":"p1","password":"correct horse"}')" 403 || return 1
    equal "a form" "$(code POST /session -H 'Content-Type: text/plain' -d '{"person":"p1","password":"correct horse"}')" 415 || return 1
    equal "own page" "$(code "${put[@]}" -H "X-Qanat-CSRF: $csrf" -H "Origin: http://$http")" 200 || return 1
    equal lang "$(gojq -r .person.lang "$scratch/body")" ar
}
check "only this node's own pages may change something" guarded

sent_to_end() { # SIZE: the answer, and how much of a body of that size was taken
    head -c "$1" /dev/zero | curl -s -o /dev/null -w '%{http_code} %{size_upload}' "${json[@]}" -H 'Expect:' -H 'Transfer-Encoding:' -H "Content-Length: $1" -T - -X POST "$api/session"
}
before_the_body() { # SIZE: what is answered to a body of that size while nothing of it was sent
    exec 3<>"/dev/tcp/${http%:*}/${http#*:}" && printf 'POST /api/v1/session HTTP/1.1\r\nHost: %s\r\nContent-Length: %s\r\n\r\n' "$http" "$1" >&3 && head -c 12 <&3 | cut -d' ' -f2
    exec 3>&-
}
bodies() {
    equal "no object" "$(code POST /session "${json[@]}" -d '[1]')" 400 || return 1
    equal "no JSON" "$(code POST /session "${json[@]}" -d '{"person":')" 400 || return 1
    head -c 70000 /dev/zero | tr '\0' ' ' >"$scratch/large"
    equal "too large" "$(code POST /session "${json[@]}" --data-binary @"$scratch/large")" 413 || return 1
    equal "too large in pieces" "$(code POST /session "${json[@]}" -H 'Transfer-Encoding: chunked' --data-binary @"$scratch/large")" 413 || return 1
    # Who sends first and looks afterwards finds the answer, too; of more it is not waited for.
    equal "sent to its end" "$(sent_to_end 16777216)" "413 16777216" && equal "one byte more" "$(before_the_body 16777217)" 413 || return 1
    equal "wrong method" "$(code PUT /session)" 405 && grep -qi '^allow: GET, HEAD, POST, DELETE' "$scratch/head"
}
check "bodies are bounded and checked" bodies

backs_off() {
    local i
    sign_in jar2 p1 'correct horse' >/dev/null
    for i in 1 2 3 4 5; do
        equal "try $i" "$(sign_in jar2 p1 "wrong $i")" 401 || return 1
    done
    equal "then" "$(sign_in jar2 p1 'correct horse')" 429 && grep -qi '^retry-after: [12]' "$scratch/head" || return 1
    equal "somebody else" "$(sign_in jar2 m1 'battery staple')" 200 || return 1
    sleep 2.1
    equal "after waiting" "$(sign_in jar2 p1 'correct horse')" 200
}
check "five wrong passwords make one wait, that person alone" backs_off

registers() {
    local who='"id":"n1","name":"Nia","gender":"female","password":"nia nia nia"'
    equal "wrong code" "$(code POST /registrations "${json[@]}" -d "{\"code\":\"x\",$who}")" 403 || return 1
    equal "right code" "$(code POST /registrations "${json[@]}" -c "$scratch/jar3" -d "{\"code\":\"class of 26\",$who}")" 201 || return 1
    equal "signed in" "$(gojq -r .person.name "$scratch/body")" Nia || return 1
    equal "taken" "$(code POST /registrations "${json[@]}" -d "{\"code\":\"class of 26\",$who}")" 409 || return 1
    equal "too short" "$(code POST /registrations "${json[@]}" -d '{"code":"class of 26","id":"n2","name":"N","password":"short"}')" 400 || return 1
    equal registered "$(node hub stats --json | gojq '.rows[0].registered')" 3
}
check "who knows the code registers and is counted" registers

whole_figures() {
    equal here "$(curl -s "$api/stats" | gojq '.rows[0].suppressed')" false || return 1
    equal "another name" "$(curl -s -H 'Host: node.example' "$api/stats" | gojq '.rows[0].suppressed')" true || return 1
    equal learner "$(curl -s -H 'Host: node.example' -H "Cookie: qanat_session=$(awk '/qanat_session/ { print $7 }' "$scratch/jar")" "$api/stats" | gojq '.rows[0].suppressed')" true || return 1
    sign_in jar4 m1 'battery staple' >/dev/null
    equal manager "$(curl -s -H 'Host: node.example' -H "Cookie: qanat_session=$(awk '/qanat_session/ { print $7 }' "$scratch/jar4")" "$api/stats" | gojq '.rows[0].suppressed')" false
}
check "figures are whole for this machine and for managers" whole_figures

ends() {
    equal out "$(code DELETE /session -b "$scratch/jar" -H "X-Qanat-CSRF: $csrf")" 200 || return 1
    equal "old cookie" "$(code GET /me -b "$scratch/jar")" 401 || return 1
    node hub person erase n1 && equal erased "$(code GET /me -b "$scratch/jar3")" 401
}
check "a session ends by signing out, and with its person" ends

survives() {
    node_kill hub && node_start hub && equal me "$(code GET /me -b "$scratch/jar4")" 200
}
check "a session outlives a crash of the node" survives
finish
