#!/usr/bin/env bash
# The web server of a running node: health, metrics, figures, and course files with ranges, types and safe paths.
. "$(dirname "$0")/kit.sh"
http=127.0.0.1:$(free_port)
content=127.0.0.1:$(free_port)

hub_starts() {
    node_make hub hub "" CN && node hub digest >/dev/null &&
        printf 'http = "%s"\ncontent = "%s"\n' "$http" "$content" >>"$scratch/hub/qanat.conf" && node_start hub
}
check "a hub with two origins starts" hub_starts

course_in() {
    mkdir -p "$scratch/course/sub"
    printf '<!DOCTYPE html><html lang="en"><head><title>One page</title></head><body>hello</body></html>' >"$scratch/course/index.html"
    head -c 300000 /dev/urandom >"$scratch/course/sub/film.mp4"
    for size in 0 1 65535 65536 65537; do head -c "$size" /dev/urandom >"$scratch/course/sub/$size.bin"; done
    echo words >"$scratch/course/sub/notes on café & tea.txt"
    node hub course import "$scratch/course" --id pages-test --lang en && node hub course publish pages-test
}
check "a course is imported into the running node" course_in
film="http://$content/course/pages-test/en/current/sub/film.mp4"

alive() {
    equal health "$(curl -fsS "http://$http/healthz")" ok && equal ready "$(curl -fsS "http://$http/readyz")" ready
}
check "health and readiness are said" alive

metrics_clean() {
    curl -fsS "http://$http/metrics" >"$scratch/metrics" && grep -q '^qanat_in_step ' "$scratch/metrics" || return 1
    ! command -v promtool >/dev/null || promtool check metrics <"$scratch/metrics"
}
check "promtool finds nothing to say about the metrics" metrics_clean

whole_file() {
    curl -fsS -D "$scratch/head" "$film" | cmp - "$scratch/course/sub/film.mp4" || return 1
    grep -qi '^content-type: video/mp4' "$scratch/head" && grep -qi '^accept-ranges: bytes' "$scratch/head" && grep -qi '^etag: "' "$scratch/head"
}
check "a file comes whole, with its type and an ETag" whole_file

odd_name() {
    equal words "$(curl -fsS "http://$content/course/pages-test/en/1/sub/notes%20on%20caf%C3%A9%20&%20tea.txt")" words
}
check "a name with spaces and accents is found" odd_name

ranges() {
    curl -fsS -r 1000-1999 -o "$scratch/part" -w '%{http_code}' "$film" | grep -q 206 || return 1
    cmp "$scratch/part" <(tail -c +1001 "$scratch/course/sub/film.mp4" | head -c 1000) || return 1
    curl -fsS -r -500 "$film" | cmp - <(tail -c 500 "$scratch/course/sub/film.mp4") || return 1
    equal "a HEAD has no parts" "$(curl -sI -o /dev/null -w '%{http_code}' -r 0-1 "$film")" 200 || return 1
    equal "of another file" "$(curl -s -o /dev/null -w '%{http_code}' -r 0-1 -H 'If-Match: "x"' "$film")" 412 || return 1
    equal outside "$(curl -s -o /dev/null -w '%{http_code}' -r 300000- "$film")" 416
}
check "ranges come as asked, and 416 behind the end" ranges

# Up to 64 KiB a file, or a part of one, leaves with its headers in one piece; above the system sends it.
sizes() {
    local size
    for size in 0 1 65535 65536 65537; do
        curl -fsS "${film%film.mp4}$size.bin" | cmp - "$scratch/course/sub/$size.bin" || return 1
    done
    for size in 65536 65537; do
        curl -fsS -r "100-$((size + 99))" "$film" | cmp - <(tail -c +101 "$scratch/course/sub/film.mp4" | head -c "$size") || return 1
    done
    equal "a HEAD" "$(curl -fsSI "${film%film.mp4}65536.bin" | tr -d '\r' | awk 'tolower($1) == "content-length:" { print $2 }')" 65536
}
check "files at the edge between small and large come whole" sizes

# On the main address people are signed in: what a package brings has no part in that origin.
opaque() {
    local path=${film#http://*/}
    curl -fsSI "http://$http/$path" | grep -qi '^content-security-policy: sandbox' || return 1
    ! curl -fsSI "$film" | grep -qi '^content-security-policy: sandbox'
}
check "a course file on the main address gets an origin of its own" opaque

not_modified() {
    local etag
    etag=$(curl -fsSI "$film" | tr -d '\r' | awk 'tolower($1) == "etag:" { print $2 }')
    equal code "$(curl -s -o /dev/null -w '%{http_code}' -H "If-None-Match: $etag" "$film")" 304 || return 1
    equal any "$(curl -s -o /dev/null -w '%{http_code}' -H "If-None-Match: *" "$film")" 304 || return 1
    equal weak "$(for header in None-Match Match; do curl -s -o /dev/null -w '%{http_code} ' -H "If-$header: W/$etag" "$film"; done)" "304 412 " || return 1
    equal "its length, and the next on this connection" "$(curl -sv -H "If-None-Match: $etag" "$film" "$film" 2>&1 | tr -d '\r' | grep -ciE "^< HTTP/1.1 304|^< Content-Length: $(wc -c <"$scratch/course/sub/film.mp4")\$|^\* Re-using")" 5 || return 1
    equal "cut by a NUL" "$(curl -s -o /dev/null -w '%{http_code}' "$film%00.png")" 404
}
check "a file that is known is not sent again" not_modified

# What a cache or another node fetches: by its hash, for good.
by_hash() {
    local hash blob
    hash=$(curl -fsSI "$film" | tr -d '\r"' | awk 'tolower($1) == "etag:" { print $2 }') && blob="http://$content/blob/$hash" || return 1
    equal hash "$(b2sum -l 256 "$scratch/course/sub/film.mp4" | cut -d' ' -f1)" "$hash" &&
        curl -fsS -D "$scratch/head" "$blob" | cmp - "$scratch/course/sub/film.mp4" && grep -qi '^cache-control:.*immutable' "$scratch/head" &&
        grep -qi "^etag: \"$hash\"" "$scratch/head" && curl -fsS -r 5-9 "$blob" | cmp - <(tail -c +6 "$scratch/course/sub/film.mp4" | head -c 5) || return 1
    equal again "$(curl -s -o /dev/null -w '%{http_code}' -H "If-None-Match: \"$hash\"" "$blob")" 304 &&
        equal unknown "$(curl -s -o /dev/null -w '%{http_code}' "http://$content/blob/$(printf '%064d' 0)")" 404 &&
        equal short "$(curl -s -o /dev/null -w '%{http_code}' "http://$content/blob/${hash:1}")" 404 &&
        equal "the main address" "$(curl -s -o /dev/null -w '%{http_code} %{content_type}' "http://$http/blob/$hash")" "200 application/octet-stream"
}
check "a published content comes by its hash, with ranges, immutable" by_hash

entry_found() {
    equal code "$(curl -s -o /dev/null -w '%{http_code} %{redirect_url}' "http://$content/course/pages-test/en/current/")" \
        "302 http://$content/course/pages-test/en/current/index.html"
}
check "a course opens at its first page" entry_found

# Percent-encoded, the address is three times as long as the path: more than a path of a request may be.
far_entry() {
    local folder where
    folder=$(printf 'é%.0s' {1..100})
    mkdir -p "$scratch/far/$folder/$folder/$folder/$folder" && cp "$scratch/course/index.html" "$scratch/far/$folder/$folder/$folder/$folder/100% sure #1.html" &&
        node hub course import "$scratch/far" --id far-test --lang en && node hub course publish far-test || return 1
    where=$(curl -s -o /dev/null -w '%{redirect_url}' "http://$content/course/far-test/en/current/")
    equal "its end" "${where: -29}" "%A9/100%25%20sure%20%231.html" && curl -fsS "$where" | cmp - "$scratch/course/index.html"
}
check "a course opens at a first page that lies deep under names in another script" far_entry

paths_safe() {
    local path
    for path in /course/pages-test/en/current/../../../../etc/passwd /course/pages-test/en/current/%2e%2e/%2e%2e/qanat.conf /course/none/en/1/x \
        /course/pages-test /course/ /course/pages-test/en/current/sub; do
        equal "$path" "$(curl -s --path-as-is -o /dev/null -w '%{http_code}' "http://$content$path")" 404 || return 1
    done
}
check "nothing outside a package is served" paths_safe

origins_apart() {
    equal "API on the content origin" "$(curl -s -o /dev/null -w '%{http_code}' "http://$content/api/v1/status")" 404 || return 1
    ! curl -fsSI "$film" | grep -qi '^set-cookie'
}
check "the content origin has no API and sets no cookie" origins_apart

api_agrees() {
    equal status "$(curl -fsS "http://$http/api/v1/status" | gojq -r .node)" "$(node hub status --json | gojq -r .node)" || return 1
    equal stats "$(curl -fsS "http://$http/api/v1/stats?by=course" | gojq -c .rows)" "$(node hub stats --by course --json | gojq -c .rows)" || return 1
    equal "wrong dimension" "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/stats?by=colour")" 400 || return 1
    equal "wrong month" "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/stats?period=2026-13")" 400 || return 1
    equal "no text" "$(curl -s "http://$http/api/v1/stats?by=%ff" | gojq -r .error)" bad_request || return 1
    equal "a parameter mistyped" "$(curl -s "http://$http/api/v1/stats?bye=course" | gojq -r '"\(.error): \(.text)"' | cut -d, -f1)" "bad_request: There is no parameter 'bye' here" || return 1
    equal "where there is none" "$(curl -s "http://$http/api/v1/status?x" | gojq -r .text)" "There is no parameter 'x' here." || return 1
    equal "no name" "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/courses?=1")" 400 || return 1
    equal "a name of two" "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/courses?lang%%20series=en")" 400 || return 1
    equal "a name that is no text" "$(curl -s "http://$http/api/v1/courses?%ff=en" | gojq -r .error)" bad_request || return 1
    equal "said twice" "$(curl -s "http://$http/api/v1/courses?lang=en&lang=fr" | gojq -r .text)" "The parameter 'lang' stands twice." || return 1
    equal "all of them" "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/courses?lang=en&series=s&q=a&available&csrf=x")" 200 || return 1
    equal "no switch" "$(curl -s "http://$http/api/v1/courses?available=no" | gojq -r .text)" "The parameter 'available' is a switch: 1 or true, 0 or false." || return 1
    equal "a switch" "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/stats?published=false") $(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/stats?published=maybe")" "200 400" || return 1
    equal "an address of 2047 bytes" "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/courses/$(printf 'x%.0s' {1..2031})")" 404 || return 1
    equal "and of 2048" "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/courses/$(printf 'x%.0s' {1..2032})")" 414 || return 1
    equal "another coding" "$(curl -s -m 5 -o /dev/null -w '%{http_code}' -H 'Transfer-Encoding: gzip, chunked' -d x "http://$http/api/v1/session")" 501 || return 1
    equal "a coded body" "$(curl -s -o /dev/null -w '%{http_code} %header{accept-encoding}' -H 'Content-Encoding: gzip' -d x "http://$http/api/v1/session")" "415 identity" || return 1
    equal "one that is not" "$(curl -s -o /dev/null -w '%{http_code}' -H 'Content-Encoding: identity' -H 'Content-Type: application/json' -d x "http://$http/api/v1/session")" 400 || return 1
    equal "none" "$(curl -s -o /dev/null -w '%{http_code}' -H 'Content-Encoding: gzip' "http://$http/api/v1/status")" 200
}
check "the API says what the commands say" api_agrees

api_described() {
    local path
    curl -fsS "http://$http/api/v1/openapi.json" >"$scratch/openapi.json" || return 1
    # Paths with a part to fill in, those of the content origin and those that need somebody signed in have tests of their own.
    for path in $(gojq -r '.paths | to_entries[] | select(.value.get.responses["200"] and (.value.get.responses["401"] | not) and (.value.get.parameters // [] | any(.required) | not) and (.key | contains("{") | not)) | .key' "$scratch/openapi.json"); do
        equal "$path" "$(curl -s -o /dev/null -w '%{http_code}' "http://$http$path")" 200 || return 1
    done
    for path in $(gojq -r '.paths | to_entries[] | select(.value.get.responses["401"] and (.value.get.parameters // [] | any(.required) | not) and (.key | startswith("/xapi/") or contains("{") | not)) | .key' "$scratch/openapi.json"); do
        equal "$path" "$(curl -s -o /dev/null -w '%{http_code}' "http://$http$path")" 401 || return 1
    done
    # The record store: a method that is described is let in as far as its parameters, any other is not taken.
    local method code wanted
    for path in $(gojq -r '.paths | keys[] | select(startswith("/xapi/") and (contains("{") | not))' "$scratch/openapi.json"); do
        for method in GET PUT POST DELETE; do
            wanted=$(gojq -r --arg p "$path" --arg m "${method,,}" 'if .paths[$p] | has($m) then "taken" else "405" end' "$scratch/openapi.json")
            code=$(curl -s -o /dev/null -w '%{http_code}' -X "$method" -H 'X-Experience-API-Version: 2.0.0' "http://$http$path")
            [ "$code" = 405 ] || code=taken
            equal "$method $path" "$code" "$wanted" || return 1
        done
    done
    equal "what it takes instead" "$(curl -s -o /dev/null -w '%header{allow}' -X DELETE -H 'X-Experience-API-Version: 2.0.0' "http://$http/xapi/statements")" "GET, HEAD, PUT, POST, OPTIONS" || return 1
    for path in status stats stats?by=course,period courses; do
        curl -fsS "http://$http/api/v1/$path" | python3 "$(dirname "$0")/described.py" "$scratch/openapi.json" "/api/v1/${path%\?*}" || return 1
    done
}
check "every described path answers, with the members it promises and no others" api_described

only_read() {
    equal POST "$(curl -s -o /dev/null -w '%{http_code}' -d x=1 "http://$http/api/v1/status")" 405 || return 1
    equal unknown "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/nowhere")" 404 || return 1
    equal "unknown in the API" "$(curl -s "http://$http/api/v1/nowhere" | gojq -r .error)" not_found
}
check "what can only be read is not written to" only_read

faces_served() {
    local page file
    for page in / /courses /learn/pages-test/en /certificates /me /signin /register /teach /teach/c1 /hub /hub/ /admin /admin/windows; do
        curl -fsS -D "$scratch/head" "http://$http$page" >"$scratch/page" || return 1
        grep -qi "^content-security-policy: default-src 'none'; script-src 'self'" "$scratch/head" || { echo "$page: no policy"; return 1; }
        ! grep -qE '<style|<script>|<(script|link)[^>]*https?:' "$scratch/page" || { echo "$page: something inline or foreign"; return 1; }
        for file in $(grep -o '/app/[^"]*' "$scratch/page"); do
            curl -fsS --compressed -D "$scratch/head" -o "$scratch/file" "http://$http$file" || return 1
            grep -qi '^cache-control: public, max-age=31536000, immutable' "$scratch/head" || { echo "$file: not for ever"; return 1; }
        done
    done
    equal "a file of another version" "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/app/learner-0000.js")" 404
}
check "the face is served: policy, files, caching" faces_served

doubled_slash() {
    equal "one at the end" "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/verify/")" 200 || return 1
    equal about "$(curl -fsS "http://$http/xapi//about" | gojq -c .version)" "$(curl -fsS "http://$http/xapi/about" | gojq -c .version)"
}
check "an endpoint and a path that both bring a slash meet" doubled_slash

raw_status() { # REQUEST: the status of what is answered
    exec 8<>"/dev/tcp/${http%:*}/${http##*:}" && printf "$1" >&8 && timeout 10 head -1 <&8 | cut -d' ' -f2
    exec 8>&-
}
raw_statuses() { # REQUESTS: of all that is answered, until the connection is closed
    exec 8<>"/dev/tcp/${http%:*}/${http##*:}" && printf "$1" >&8 && timeout 10 grep -a -o 'HTTP/1.1 [0-9]*' <&8 | cut -d' ' -f2 | xargs
    exec 8>&-
}
malformed() {
    equal "no Host" "$(raw_status 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n')" 400 || return 1
    equal "no Host in 1.0" "$(raw_status 'GET / HTTP/1.0\r\n\r\n')" 200 || return 1
    equal "a blank in front of a colon" "$(raw_status 'GET / HTTP/1.1\r\nHost : x\r\nConnection: close\r\n\r\n')" 400 || return 1
    equal "two Hosts" "$(raw_status 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n')" 400 || return 1
    equal "two lengths" "$(raw_status 'POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde')" 400 || return 1
    equal "a length and chunks" "$(raw_status 'POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n')" 400 || return 1
    equal "a whole address" "$(raw_status 'GET http://x/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')" 200 || return 1
    equal "no version" "$(raw_status 'GET /\r\n\r\n')" 400 || return 1
    local path
    for path in '/healthz\0' '/healthz\0x' '/\0/healthz' '/healthz?a\0b' '/healthz\0HTTP/1.1' '/api/v1/nothing\0'; do # what stands behind a NUL would not be seen
        equal "a NUL in $path" "$(raw_status "GET $path HTTP/1.1\r\nHost: x\r\n\r\n")" 400 || return 1
    done
    equal "none" "$(raw_status 'GET /healthz?a%%20b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')" 200 &&
        equal "behind another" "$(raw_statuses 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz?\0 HTTP/1.1\r\nHost: x\r\n\r\n')" "200 400"
}
check "malformed requests are told so" malformed

said_without_scripts() {
    curl -fsS "http://$http/courses" | grep -q 'One page' && curl -fsS "http://$http/admin" | grep -q '<p>.*</p>' &&
        curl -fsS "http://$http/hub" | grep -q 'centres and campuses report'
}
check "a browser without scripts is told the essentials" said_without_scripts

console_is_commands() {
    equal windows "$(curl -fsS "http://$http/api/v1/admin/windows" | gojq -c .)" "$(node hub window list --json | gojq -c .)" || return 1
    equal unknown "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/admin/secrets")" 404 || return 1
    equal "people, to nobody" "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/admin/people")" 401 || return 1
    equal "the log, to nobody" "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/admin/audit")" 401 || return 1
    equal "nobody signed in" "$(curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d '{"words":["window","add","always"]}' \
        "http://$http/api/v1/admin/commands")" 401
}
check "the console looks by commands, and nobody acts without signing in" console_is_commands
# A service manager may say "read your configuration again" at any moment of a start. What --set says holds all the same.
hung_up() {
    local round pid before port
    port=$(free_port)
    node_stop hub
    for round in 1 2 3; do
        before=$(grep -c config_reloaded "$scratch/hub.log")
        "$qanat" run --dir "$scratch/hub" --set "listen=tcp://127.0.0.1:$port" 2>>"$scratch/hub.log" &
        pid=$!
        node_pid[hub]=$pid
        until [ "$(readlink "/proc/$pid/exe")" = "$(realpath "$qanat")" ] && grep -qE "^Sig(Blk|Cgt):.*[13579bdf]\$" "/proc/$pid/status" 2>/dev/null; do kill -0 "$pid" || return 1; done
        kill -HUP "$pid" && eventually 10 reloaded "$before" || return 1
        kill -0 "$pid" && node_stop hub || return 1
    done
    ! grep 'listen address needs a restart' "$scratch/hub.log"
}
reloaded() { [ "$(grep -c config_reloaded "$scratch/hub.log")" -gt "$1" ]; }
check "SIGHUP while it starts is heard, ends nothing, and leaves what --set says" hung_up
finish
