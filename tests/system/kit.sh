# kit.sh: what the system tests share; sourced by bash scripts that print TAP. Real processes on loopback; only what was started here is ended.
# QANAT_BUILD holds the binary; QANAT overrides it.
set -u
qanat=${QANAT:-${QANAT_BUILD:?run by make check-system}/qanat}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/qanat-system-XXXXXX")
declare -A node_pid
tests=0
failures=0

cleanup() {
    local pid
    for pid in "${node_pid[@]}"; do
        kill "$pid" 2>/dev/null
    done
    wait 2>/dev/null
    if [ "$failures" -eq 0 ]; then
        rm -rf "$scratch"
    else
        echo "# left for a look: $scratch"
    fi
}
trap cleanup EXIT

# check NAME COMMAND...: one TAP line; what the command said is shown when it fails.
check() {
    local name=$1
    shift
    tests=$((tests + 1))
    if "$@" >"$scratch/said" 2>&1; then
        echo "ok $tests - $name"
    else
        echo "not ok $tests - $name"
        sed 's/^/# /' "$scratch/said" | tail -n 20
        failures=$((failures + 1))
    fi
}

finish() {
    echo "1..$tests"
    [ "$failures" -eq 0 ]
}

# A port below the ephemeral range that nobody listens on now.
free_port() {
    local port
    while :; do
        port=$((10000 + RANDOM % 20000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
}

# node_make NAME KIND [PARENT]: init, and join by a token of PARENT (which must run). Campuses listen too: tests dial them.
declare -A node_port
node_make() {
    node_port[$1]=$(free_port)
    "$qanat" init --dir "$scratch/$1" --name "$1" --kind "$2" --country "${4:-EG}" --listen "tcp://127.0.0.1:${node_port[$1]}" >/dev/null 2>"$scratch/$1.init" ||
        { cat "$scratch/$1.init"; return 1; }
    [ -z "${3:-}" ] || node_join "$1" "$2" "$3" "${4:-EG}"
}

node_join() { # NAME KIND PARENT COUNTRY
    local token
    token=$("$qanat" invite --dir "$scratch/$3" --name "$1" --kind "$2" --country "$4" 2>"$scratch/$1.invite") ||
        { cat "$scratch/$1.invite"; return 1; }
    "$qanat" join --dir "$scratch/$1" "$token" >/dev/null
}

# node_start NAME: runs the daemon and waits until it says that it is ready. Where a command holds the data directory at that moment it is started
# again, as a service manager does. What a killed one left behind (its socket, an old line in the log) does not count.
node_start() {
    local i ready
    touch "$scratch/$1.log"
    ready=$(grep -c 'event=node_ready' "$scratch/$1.log" || true)
    for i in $(seq 100); do
        if [ -z "${node_pid[$1]:-}" ] || ! kill -0 "${node_pid[$1]}" 2>/dev/null; then
            "$qanat" run --dir "$scratch/$1" 2>>"$scratch/$1.log" &
            node_pid[$1]=$!
        fi
        sleep 0.1
        [ "$(grep -c 'event=node_ready' "$scratch/$1.log")" -eq "$ready" ] || return 0
    done
    tail "$scratch/$1.log"
    return 1
}

node_stop() {
    kill "${node_pid[$1]}" && wait "${node_pid[$1]}"
    local code=$?
    unset "node_pid[$1]"
    return $code
}

node_kill() {
    kill -9 "${node_pid[$1]}"
    wait "${node_pid[$1]}" 2>/dev/null
    unset "node_pid[$1]"
    return 0
}

# node NAME COMMAND... : a command on a node; the data directory is put behind its words.
node() {
    local name=$1
    shift
    "$qanat" "$@" --dir "$scratch/$name"
}

# people_make FILE COUNT and results_make FILE FIRST COUNT PEOPLE: deterministic inputs.
people_make() {
    awk -v n="$2" 'BEGIN { print "id,name,gender,role,institution"
        split("female male other undisclosed", g, " ")
        for (i = 1; i <= n; i++) printf "p%05d,Learner %d,%s,learner,Faculty %d\n", i, i, g[i % 4 + 1], i % 3 }' >"$1"
}

results_make() { # FILE PREFIX COUNT PEOPLE COURSE
    awk -v prefix="$2" -v n="$3" -v people="$4" -v course="${5:-c1}" 'BEGIN { print "event_id,person,course,kind,at,score,minutes"
        split("enrolled started active completed dropped certified attended", k, " ")
        for (i = 1; i <= n; i++) { kind = k[i % 7 + 1]
            printf "%s-%d,p%05d,%s,%s,2026-%02d-%02dT10:00:00Z,%s,%d\n", prefix, i, i * 7 % people + 1, course, kind, i % 9 + 1, i % 28 + 1,
                kind == "completed" ? i % 101 : "", i % 60 } }' >"$1"
}

# total NAME METRIC: one figure of `stats` without --by.
total() {
    node "$1" stats --format json | gojq -r ".rows[0].$2 // 0"
}

# stream_digests NAME TOPIC: "node incarnation seq digest" of every stream of a topic, sorted.
stream_digests() {
    node "$1" digest --json | gojq -r ".streams[] | select(.topic == \"$2\" and .seq > 0) | \"\(.node) \(.incarnation) \(.seq) \(.digest)\"" | sort
}

equal() { # WHAT A B
    [ "$2" = "$3" ] || { echo "$1: '$2' is not '$3'"; return 1; }
}

# What it says is in $scratch/answer.
exits() { # CODE COMMAND...
    local code=$1
    shift
    "$@" >"$scratch/answer" 2>&1
    local got=$?
    [ $got -eq "$code" ] || { echo "exit $got, not $code:"; cat "$scratch/answer"; return 1; }
}

# eventually SECONDS COMMAND...: as a machine of its own needs; one that others use has three times as long. To ask costs what others run by: pauses grow,
# from a fifth of a second to a half.
eventually() {
    local deadline=$((SECONDS + 3 * $1)) pause=20
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $deadline ] || { "$@"; return 1; }
        sleep "0.$pause"
        [ "$pause" -ge 50 ] || pause=$((pause + 5))
    done
}
