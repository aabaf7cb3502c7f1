#!/bin/bash
# A node changes its keys and stays who it is (qanat key rotate): with links and without, through kills at every moment, at a campus, a centre and the hub. Its name, place,
# streams and figures stay; whoever has the old key is turned away, and counted; who was away and knows only the old key finds the way by itself.
# shellcheck disable=SC2016 # the bodies of bash -c get theirs as arguments
. "$(dirname "$0")/kit.sh"

key_now() { "$qanat" key show "$2" --dir "$scratch/$1" --json | gojq -r '.keys[] | select(.state == "present") | .key'; }
key_states() { "$qanat" key show "$2" --dir "$scratch/$1" --json | gojq -r '[.keys[].state] | join(",")'; }
key_is() { equal "the key of $2 at $1" "$(key_now "$1" "$2")" "$3"; }
states_are() { equal "the keys of $2 at $1" "$(key_states "$1" "$2")" "$3"; }
node_id() { node "$1" digest --json | gojq -r --arg node "$1" '.streams[0].node' ; }
results_are() { # NAME COUNT WHAT
    equal "completed at $1" "$(total "$1" completed)" "$2"
}
refused() { [ "$(node "$1" status --json | gojq -r '.refused.former_keys // 0')" -gt 0 ] || { echo "$1 counted nothing"; return 1; }; }

event() { # NAME PREFIX COUNT: further results
    results_make "$scratch/$2.csv" "$2" "$3" 50 && node "$1" result import "$scratch/$2.csv" >/dev/null 2>&1
}

made() {
    local name
    node_make hub hub && node_start hub && node_make centre national hub && node_start centre && node_make campus campus centre && node_start campus &&
        node_make away national hub && node_start away || return 1
    for name in hub centre campus away; do
        people_make "$scratch/$name.people" 50 && node "$name" person import "$scratch/$name.people" && event "$name" "$name" 700 || return 1
    done
    eventually 20 results_are hub 400 && eventually 20 results_are centre 200
}
check "a hub, a centre with a campus, and another centre: 400 completions are at the hub" made

# What a thief has: a copy of the directory, which listens nowhere else.
steal() { # NAME THIEF
    cp -a "$scratch/$1" "$scratch/$2" && rm -f "$scratch/$2/lock" "$scratch/$2/qanat.sock" &&
        sed -i "s/:${node_port[$1]}\"/:$(free_port)\"/" "$scratch/$2/qanat.conf"
}
stolen() {
    node_stop campus && node_stop away && node_stop hub && steal campus thief && steal hub hub-thief && node_start campus && node_start hub
}
check "copies of two machines are stolen; a centre goes away for months" stolen
rows_before=$(node hub stats --by node,gender,period --json | gojq -c .rows)

# --- a campus, with links
campus_new=$(seq 8 | xargs -P 8 -I% "$qanat" key rotate --dir "$scratch/campus" 2>"$scratch/rotate.said" | sort -u)
check "eight who ask at once ask for one key" equal "keys" "${#campus_new}" 64
check "a campus asks for a new key, and says what comes next" grep -q "key admit" "$scratch/rotate.said"
check "asking again says the same key" bash -c '[ "$("$1" key rotate --dir "$2/campus" 2>/dev/null)" = "$3" ]' - "$qanat" "$scratch" "$campus_new"
check "the campus works on with the old one" node campus sync
check "its centre sees what is asked" eventually 10 states_are centre campus "asked for,present"
check "a key that its people did not read out is not admitted" bash -c '! "$1" key admit campus --key-begins 0000000000 --dir "$2/centre"' - "$qanat" "$scratch"
check "nor by a node that does not stand above" bash -c '! "$1" key admit campus --dir "$2/away"' - "$qanat" "$scratch"
check "the centre admits it" node centre key admit campus --key-begins "${campus_new:0:12}"
check "the campus changes to it by itself" eventually 20 key_is campus campus "$campus_new"
check "and gives the old one up" eventually 20 states_are hub campus "present,given up"
check "the process is the same" kill -0 "${node_pid[campus]}"
same_rows() { equal "rows at the hub" "$(node hub stats --by node,gender,period --json | gojq -c .rows)" "$rows_before"; }
check "nothing is missing or twice at the hub, row by row" same_rows
more() { event campus more 70 && eventually 20 results_are hub 410; }
check "new results come up under the new key: 410" more
check "the change is in the log of decisions" bash -c '"$1" audit list --dir "$2/campus" --json | grep -q "changed its key" && "$1" audit list --dir "$2/centre" --json | grep -q "admitted a new key"' - "$qanat" "$scratch"

# --- the thief
thief_refused() {
    event thief stolen 700 && ! timeout 20 "$qanat" sync --dir "$scratch/thief" && eventually 20 refused centre
}
check "who has the stolen key is turned away at the centre, and counted" thief_refused
thief_stick() {
    node thief bundle export --for hub "$scratch/thief.bundle" && ! node hub bundle import "$scratch/thief.bundle" && eventually 20 refused hub
}
check "a stick made with the stolen key is refused at the hub, and counted" thief_stick
check "the figures at the hub are as before" results_are hub 410

# --- a centre, without links: the request and the answer go by stick
offline() {
    node_stop centre && centre_new=$(node centre key rotate 2>/dev/null) && node centre bundle export --for hub "$scratch/up.bundle" &&
        node_stop hub && node hub bundle import "$scratch/up.bundle" && node hub key admit centre --key-begins "${centre_new:0:16}" &&
        node hub bundle export --for centre "$scratch/down.bundle" && node centre bundle import "$scratch/down.bundle"
}
check "a centre asks by stick, the hub admits by stick" offline
# The anchor (node/store/stream/anchor.h) is put back with the directory: else each round would be a database that was restored.
anchor_of() { # NAME
    local living
    living=$(node "$1" digest --json | gojq -r --arg name "$1" '[.streams[] | select(.node == $name)] | .[].incarnation' | sort -u)
    python3 - "$living" <<'END'
import glob, sys
wanted = [bytes.fromhex(word) for word in sys.argv[1].split()]
for path in glob.glob("/dev/shm/qanat-*"):
    try:
        content = open(path, "rb").read()
    except OSError:
        continue
    if any(word in content for word in wanted):
        print(path)
END
}
cp -a "$scratch/centre" "$scratch/centre.granted"
anchor=$(anchor_of centre)
cp -a "$anchor" "$scratch/anchor.granted"
kills() { # dies at the how many-th sync or rename of the command that changes the keys
    local n code deaths=0 finished=0
    for n in $(seq 1 "$1"); do
        rm -rf "$scratch/centre" && cp -a "$scratch/centre.granted" "$scratch/centre" && cp -a "$scratch/anchor.granted" "$anchor"
        strace -f -qq -o /dev/null -e trace=fsync,fdatasync,rename -e inject=fsync,fdatasync,rename:signal=KILL:when="$n" \
            "$qanat" sync pause --dir "$scratch/centre" >/dev/null 2>&1
        code=$?
        [ $code -eq 0 ] || deaths=$((deaths + 1))
        node centre sync resume >/dev/null 2>&1 || { echo "after death $n: a command fails"; return 1; }
        key_is centre centre "$centre_new" || { echo "after death $n"; return 1; }
        # a power cut between two files may look like a copy that was put back: then peers are asked first
        [ "$(key_states centre centre)" = "present,until it is given up" ] || states_are centre centre "present,given up" || return 1
        [ -e "$scratch/centre/node.key.next" ] || finished=$((finished + 1))
        [ "$(node centre digest --json | gojq '[.streams[] | select(.topic == "roster")] | length')" -gt 0 ] || return 1
    done
    echo "$deaths of $1 died, $finished changed at once"
    [ "$deaths" -ge 4 ] && [ "$finished" -ge $(($1 / 2)) ]
}
check "killed at any step of the change, the next command finishes it, or the next contact" kills 16
centre_back() {
    node_start hub && node_start centre && eventually 20 states_are hub centre "present,given up" && eventually 30 results_are hub 410
}
check "linked again: the hub knows the key, and the figures are as before" centre_back
campus_syncs() { "$qanat" sync --dir "$scratch/campus"; }
check "the campus finds its centre behind the new key" eventually 20 campus_syncs

# --- the hub: the authority admits it
hub_changes() {
    hub_new=$(node hub key rotate 2>/dev/null) && node hub key admit hub --key "$scratch/hub/authority.key" && eventually 20 key_is hub hub "$hub_new" &&
        eventually 20 states_are hub hub "present,given up"
}
check "the hub's key is admitted by the authority, and changes while it runs" hub_changes
# The hub opens its doors anew meanwhile, and who knows its key of before tries several: between two tries of a daemon lies up to half a minute.
centre_syncs() { "$qanat" sync --dir "$scratch/centre"; }
below() { eventually 60 centre_syncs && key_is centre hub "$hub_new" && node campus sync && eventually 20 key_is campus hub "$hub_new"; }
check "the nodes below go on by themselves" below

# --- away for months: it knows only keys that were given up
returned() { node_start away && eventually 60 key_is away hub "$hub_new" && key_is away campus "$campus_new" && key_is away centre "$centre_new" && node away sync; }
check "who was away for months, and knows only keys that were given up, gets in step by itself" returned
check "the figures at the hub are as before" results_are hub 410
newcomers() { # whose address was led to another door, and to the first one again, by others behind it
    local name
    for name in first second; do
        { printf 'GET / HTTP/1.0\r\n\r\n' >"/dev/tcp/127.0.0.1/${node_port[hub]}"; } 2>/dev/null # cut off, as one whose key does not fit
        sleep 0.3 && node_make "$name" campus hub || return 1
    done
}
check "newcomers join at once, whatever key others at their address came with" newcomers

# --- a second turn, and a backup
again() {
    local key
    node campus backup "$scratch/campus.backup" && key=$(node campus key rotate 2>/dev/null) && eventually 10 states_are centre campus "asked for,present,given up" &&
        node centre key admit campus --key-begins "${key:0:8}" && eventually 60 key_is campus campus "$key" && eventually 60 states_are hub campus "present,given up,given up" &&
        event campus again 70 && eventually 60 results_are hub 420
}
check "keys change a second time" again
impostor() { # pretends to be the hub, with its stolen key, at its address
    node_stop hub && sed -i "s/^listen.*/listen = \"tcp:\/\/127.0.0.1:${node_port[hub]}\"/" "$scratch/hub-thief/qanat.conf" && node_start hub-thief &&
        ! timeout 15 "$qanat" sync --dir "$scratch/centre" && node_stop hub-thief && node_start hub && eventually 60 node centre sync
}
check "who pretends to be the hub with its old key is not believed" impostor
check "no total changed" results_are hub 420
healthy() { local name; for name in hub centre campus away; do node $name verify >/dev/null || { echo "verify at $name"; return 1; }; done; }
check "verify finds nothing anywhere" healthy

finish
