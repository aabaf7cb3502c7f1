#!/usr/bin/env bash
# Versions beside each other: data directories of every earlier schema open with their own programs' figures, also on a disk without room and after a kill;
# a newer database is refused undamaged; what a later version says passes today's nodes unharmed.
# QANAT_OLD=BINARY: an earlier version's program, that is run against today's both ways and in the middle.
. "$(dirname "$0")/kit.sh"
golden=$(cd "$(dirname "$0")/../golden" && pwd)
later=${QANAT_BUILD:-$(dirname "$qanat")}/tests/system/later
mounted=
trap '[ -z "$mounted" ] || umount "$mounted"; cleanup' EXIT

same_json() { # WHAT A B FILTER
    equal "$1" "$(gojq -c "$4" "$2")" "$(gojq -c "$4" "$3")"
}
opens() { # VERSION: what the old program said is what this one says
    local dir=$scratch/schema-$1 node
    mkdir "$dir" && tar -xzf "$golden/schema-$1.tar.gz" -C "$dir" || return 1
    for node in hub campus; do
        "$qanat" stats --dir "$dir/$node" --json >"$scratch/now.json" && same_json "figures of $node" "$scratch/now.json" "$dir/$node/stats.json" .rows &&
            "$qanat" digest --dir "$dir/$node" --json >"$scratch/now.json" && same_json "streams of $node" "$scratch/now.json" "$dir/$node/digest.json" . &&
            equal people "$("$qanat" person export --dir "$dir/$node" | cut -d, -f1-6 | sort | sha256sum)" "$(cut -d, -f1-6 "$dir/$node/people.csv" | sort | sha256sum)" &&
            "$qanat" verify --dir "$dir/$node" || return 1
    done
}
for version in 1 2 3 4 5 6 7 8; do
    check "directories of schema $version open, with the figures of their own program" opens $version
done

once() { # the same events again, in the upgraded node: nothing is counted twice
    {
        echo event_id,person,course,kind,at,score,minutes
        for i in $(seq 1 40); do echo "e$i,p$i,wells,enrolled,2026-09-$(printf %02d $((i % 28 + 1)))T08:00:00Z,,"; done
    } >"$scratch/again.csv"
    "$qanat" result import --dir "$scratch/schema-1/campus" "$scratch/again.csv" --json >"$scratch/now.json"
    equal durable "$(gojq .durable "$scratch/now.json")" 0 && equal duplicate "$(gojq .duplicate "$scratch/now.json")" 40
}
check "events that the old version counted are duplicates" once
copy_kept() { [ "$(stat -c %a "$scratch/schema-1/hub/qanat.db.schema-1")" = 600 ] && "$qanat" person erase --dir "$scratch/schema-1/hub" p7 &&
    [ ! -e "$scratch/schema-1/hub/qanat.db.schema-1" ]; }
check "a copy of the old database is kept until somebody is erased" copy_kept

killed() { # the upgrade is killed at ever later moments, until one of them is after its end
    local dir=$scratch/killed i
    for i in $(seq 0 12); do
        rm -rf "$dir" && mkdir "$dir" && tar -xzf "$golden/schema-1.tar.gz" -C "$dir" || return 1
        "$qanat" status --dir "$dir/hub" >/dev/null 2>&1 &
        sleep "0.0$((i * 7 % 10))$i"
        kill -9 $! 2>/dev/null
        wait $! 2>/dev/null
        "$qanat" stats --dir "$dir/hub" --json >"$scratch/now.json" && same_json figures "$scratch/now.json" "$dir/hub/stats.json" .rows &&
            "$qanat" verify --dir "$dir/hub" || return 1
    done
}
check "an upgrade that was killed is ended by the next command" killed

newer() {
    local dir=$scratch/newer before
    mkdir "$dir" && tar -xzf "$golden/schema-2.tar.gz" -C "$dir" && "$qanat" status --dir "$dir/hub" >/dev/null || return 1
    rm -f "$dir"/hub/qanat.db-*
    printf '\0\0\1\0' | dd of="$dir/hub/qanat.db" bs=1 seek=60 conv=notrunc 2>/dev/null # user_version 256
    dd if=/dev/zero of="$dir/hub/qanat.db" bs=1 seek=4088 count=8 conv=notrunc 2>/dev/null # its page has no seal then, as any that others wrote
    before=$(sha256sum "$dir/hub/qanat.db")
    "$qanat" status --dir "$dir/hub" 2>"$scratch/words" && return 1
    grep -q 'written by qanat' "$scratch/words" && "$qanat" doctor --dir "$dir/hub" --json | gojq -e '.findings[] | select(.code == "database_newer")' >/dev/null &&
        equal "the file" "$(sha256sum "$dir/hub/qanat.db")" "$before"
}
check "a newer database is refused by name and not changed by a byte" newer

no_room() {
    local dir=$scratch/small code
    mkdir "$dir" && mount -t tmpfs -o size=2m none "$dir" || return 1
    mounted=$dir
    tar -xzf "$golden/schema-1.tar.gz" -C "$dir" hub && sha256sum "$dir/hub/qanat.db" >"$scratch/sum" || return 1
    "$qanat" status --dir "$dir/hub" 2>"$scratch/words"
    code=$?
    cat "$scratch/words"
    [ $code -eq 73 ] && sha256sum -c --quiet "$scratch/sum" && [ ! -e "$dir/hub/qanat.db.schema-1" ] && mount -o remount,size=32m "$dir" &&
        "$qanat" status --dir "$dir/hub" && [ -e "$dir/hub/qanat.db.schema-1" ]
}
if mkdir "$scratch/probe" && mount -t tmpfs none "$scratch/probe" 2>/dev/null; then
    umount "$scratch/probe"
    check "without room nothing is begun, and with room it goes on" no_room
fi

# --- what a later version says ------------------------------------------------------------------------------------
declare -A program # NAME: the node's program, where it is not today's
on() { local qanat=${program[$1]:-$qanat}; node "$@"; }
makes() { local qanat=${program[$1]:-$qanat}; node_make "$@" && node_start "$1"; }
stops() { local qanat=${program[$1]:-$qanat}; node_stop "$1"; }
starts() { local qanat=${program[$1]:-$qanat}; node_start "$1"; }
streams() { on "$1" digest --json | gojq -c '[.streams[] | select(.seq == 300)] | map([.topic, .seq, .count, .digest])'; }
relays() { # PREFIX: a campus of a later version, a relay, a hub, and another campus under the hub
    makes "$1hub" hub && makes "$1relay" national "$1hub" && makes "$1campus" campus "$1relay" && makes "$1other" campus "$1hub" || return 1
    people_make "$scratch/people.csv" 30 && results_make "$scratch/$1.csv" "$1" 200 30 && on "$1campus" person import "$scratch/people.csv" &&
        on "$1campus" result import "$scratch/$1.csv" && stops "$1campus" && "$later" "$scratch/$1campus" && starts "$1campus" &&
        on "$1campus" sync && on "$1relay" sync && on "$1other" sync || return 1
    [ "$(streams "$1campus")" != '[]' ] && equal "what the relay holds" "$(streams "$1relay")" "$(streams "$1campus")" &&
        equal "what the hub holds" "$(streams "$1hub")" "$(streams "$1campus")" &&
        equal figures "$(on "$1hub" stats --json | gojq -c '[.rows[0] | .enrolled, .completed, .certified]')" \
            "$(on "$1campus" stats --json | gojq -c '[.rows[0] | .enrolled, .completed, .certified]')" &&
        on "$1hub" verify && on "$1relay" verify && on "$1relay" status
}
check "topics, kinds and keys of a later version pass today's relay" relays ""

if [ -n "${QANAT_OLD:-}" ]; then
    program=([arelay]=$QANAT_OLD)
    check "an old relay between today's nodes" relays a
    program=([bhub]=$QANAT_OLD)
    check "an old hub over today's nodes" relays b
    program=([ccampus]=$QANAT_OLD)
    old_campus() { # both ways: results up, courses and roster down
        makes chub hub && makes ccampus campus chub && mkdir "$scratch/course" && echo '<h1>Wells</h1>' >"$scratch/course/index.html" &&
            on chub course import "$scratch/course" --id wells --lang en && on chub course publish wells && on ccampus course subscribe wells &&
            on ccampus person import "$scratch/people.csv" && on ccampus result import "$scratch/a.csv" && on ccampus sync &&
            eventually 20 on ccampus course verify wells && on ccampus sync &&
            equal figures "$(on chub stats --json | gojq -c '[.rows[0] | .enrolled, .completed, .certified]')" \
                "$(on ccampus stats --json | gojq -c '[.rows[0] | .enrolled, .completed, .certified]')"
    }
    check "an old campus under today's hub" old_campus
    upgraded() { # the old node's program is replaced by today's, its data stays
        local before
        before=$(on bhub stats --json | gojq -c .rows)
        stops bhub && program=() && on bhub stats --json >"$scratch/now.json" && equal figures "$(gojq -c .rows "$scratch/now.json")" "$before" && starts bhub &&
            on brelay sync && on bhub verify
    }
    program=([bhub]=$QANAT_OLD)
    check "the old hub upgraded in place" upgraded
fi
finish
