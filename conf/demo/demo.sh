#!/usr/bin/env bash
# demo.sh QANAT [--once]: a hub, a national centre and a campus on this machine; a course goes down, results come up.
set -euo pipefail
qanat=$(realpath "$1")
mode=${2:-}
source_dir=$(cd "$(dirname "$0")" && pwd)
demo=${QANAT_DEMO_DIR:-$PWD/demo}
pids=()

stop() {
    trap - EXIT INT TERM
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null || true
    done
    wait "${pids[@]}" 2>/dev/null || true
}
trap stop EXIT
trap 'exit 0' INT TERM

step() {
    printf '\n== %s\n' "$*"
}

# A port that nobody listens on now.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 20000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
}

node() { # node NAME COMMAND...
    local name=$1
    shift
    local words=("$@") command=()
    # The data directory goes behind the command's one or two words.
    while [ ${#words[@]} -gt 0 ] && [[ ${words[0]} =~ ^[a-z]+$ ]] && [ ${#command[@]} -lt 2 ]; do
        command+=("${words[0]}")
        words=("${words[@]:1}")
        [[ ${command[0]} =~ ^(course|person|result|peer)$ ]] || break
    done
    "$qanat" "${command[@]}" --dir "$demo/$name" "${words[@]}"
}

make_node() { # make_node NAME KIND COUNTRY LISTEN HTTP CONTENT
    local listen=()
    [ -z "$4" ] || listen=(--listen "tcp://127.0.0.1:$4")
    node "$1" init --name "$1" --kind "$2" --country "$3" "${listen[@]}" --http "127.0.0.1:$5" --content "127.0.0.1:$6"
}

start_node() {
    "$qanat" run --dir "$demo/$1" 2>"$demo/$1.log" &
    pids+=($!)
    for _ in $(seq 100); do
        if curl -fs "http://127.0.0.1:$2/readyz" >/dev/null 2>&1; then
            return
        fi
        sleep 0.1
    done
    echo "demo: $1 does not answer; its log:" >&2
    tail "$demo/$1.log" >&2
    exit 1
}

case $demo in
*/demo) rm -rf "$demo" ;;
*) [ ! -e "$demo" ] || { echo "demo: '$demo' exists" >&2; exit 1; } ;;
esac
mkdir -p "$demo"
hub_port=$(free_port) hub_http=$(free_port) hub_content=$(free_port)
centre_port=$(free_port) centre_http=$(free_port) centre_content=$(free_port)
campus_http=$(free_port) campus_content=$(free_port)

step "a hub founds the federation"
make_node hub hub CN "$hub_port" "$hub_http" "$hub_content"
start_node hub "$hub_http"

step "a national centre joins with a token from the hub"
make_node centre national EG "$centre_port" "$centre_http" "$centre_content"
node centre join "$(node hub invite --name centre --kind national --country EG 2>/dev/null)"
start_node centre "$centre_http"
node centre sync

step "a campus joins with a token from the centre"
make_node campus campus EG "" "$campus_http" "$campus_content"
node campus join "$(node centre invite --name campus --kind campus --country EG 2>/dev/null)"
start_node campus "$campus_http"
node campus sync

step "the hub publishes \"Running a centre node\" in three languages"
for lang in en fr ar; do
    node hub course import "$source_dir/course/$lang" --id running-a-centre-node --lang "$lang" --series node-operation
    node hub course publish running-a-centre-node --lang "$lang"
done

step "the campus subscribes and syncs"
node campus course subscribe running-a-centre-node
for _ in $(seq 50); do
    node centre sync && node campus sync || true
    installed=$("$qanat" course list --dir "$demo/campus" --json | grep -c '"installed"' || true)
    [ "$installed" -lt 3 ] || break
    sleep 0.2
done
node campus course list
node campus course export running-a-centre-node --lang ar --to "$demo/exported-ar"
diff -r "$source_dir/course/ar" "$demo/exported-ar"
echo "the Arabic course came out at the campus member for member"

step "learners at the campus study, offline or not"
node campus person import "$source_dir/people.csv"
node campus result import "$source_dir/results.csv"
node campus result import "$source_dir/results.csv"
node campus sync
node centre sync

step "the hub's figures"
node hub stats --by centre,country
node hub stats --by course,lang,gender
totals() {
    "$qanat" stats --dir "$demo/$1" --format json | grep -E '"(registered|enrolled|started|completed|certified|dropped|attended|minutes)"'
}
if [ "$(totals hub)" != "$(totals campus)" ]; then
    echo "demo: the hub's totals are not those of the campus" >&2
    diff <(totals hub) <(totals campus) >&2 || true
    exit 1
fi
expected=$(tail -n +2 "$source_dir/results.csv" | cut -d, -f4 | grep -c '^completed$')
totals hub | grep -q "\"completed\": $expected\b" || { echo "demo: the hub does not say $expected completed" >&2; exit 1; }
echo "the hub's totals are exactly what the campus recorded"

step "open these"
course="http://127.0.0.1:$campus_content/course/running-a-centre-node"
for address in "http://127.0.0.1:$hub_http/" "http://127.0.0.1:$hub_http/hub" "http://127.0.0.1:$centre_http/" \
    "http://127.0.0.1:$campus_http/" "$course/en/current/index.html" "$course/fr/current/index.html" "$course/ar/current/index.html"; do
    curl -fsS -o /dev/null "$address" || { echo "demo: $address does not answer" >&2; exit 1; }
done
curl -fsS "$course/ar/current/index.html" | cmp - "$source_dir/course/ar/index.html"
cat <<END
hub      console http://127.0.0.1:$hub_http/admin    figures http://127.0.0.1:$hub_http/hub
centre   console http://127.0.0.1:$centre_http/admin
campus   console http://127.0.0.1:$campus_http/admin    learn   http://127.0.0.1:$campus_http/
course   $course/en/current/index.html
         $course/fr/current/index.html
         $course/ar/current/index.html
data     $demo
END
[ "$mode" != --once ] || exit 0
echo
echo "The nodes run until Ctrl-C."
wait "${pids[@]}"
