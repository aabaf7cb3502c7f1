#!/usr/bin/env bash
# make.sh BINARY OUT.tar.gz: two nodes made by the real program BINARY, as one archive: hub and campus, with people, a course, results and figures.
# What the program itself said of them lies beside (figures.json), so that a later version can be held against it.
set -eu
qanat=$(realpath "$1") out=$(realpath "$2")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
q() { local node=$1; shift; "$qanat" "$@" --dir "$scratch/$node"; }
port=$((10000 + RANDOM % 20000))
"$qanat" init --dir hub --name hub --kind hub --country KE --federation "Golden" --listen "tcp://127.0.0.1:$port" >&2
"$qanat" run --dir hub >hub.log 2>&1 </dev/null &
hub=$!
for _ in $(seq 100); do grep -q event=node_ready hub.log && break; sleep 0.1; done
"$qanat" init --dir campus --name campus --kind campus --country UG >&2
"$qanat" join --dir campus "$(q hub invite --name campus --kind campus --country UG)" >&2
cat >people.csv <<'CSV'
id,name,gender,role,institution,password
p1,Amina Otieno,female,learner,Kisumu,
p2,José Müller,male,learner,Kisumu,
p3,آمنة الزهراء,female,trainer,Kampala,
p4,王小明,male,learner,Kampala,
p5,Łukasz Żak,other,facilitator,Kampala,
p6,Grace,undisclosed,manager,Kampala,a-long-passphrase
CSV
for i in $(seq 7 40); do echo "p$i,Person $i,$([ $((i % 2)) = 0 ] && echo female || echo male),learner,Gulu,"; done >>people.csv
q hub person import people.csv >&2
q campus person import people.csv >&2
mkdir course && echo '<title>Wells</title><h1>Wells</h1>' >course/index.html && printf 'body { margin: 0 }\n' >course/style.css
q campus course import course --id wells --lang en --title "Wells" --version 1 >&2
q campus course publish wells >&2
q hub course subscribe wells >&2
q campus enrol --person p1 --course wells >&2
q campus enrol --person p3 --course wells --cohort autumn >&2
{
    echo event_id,person,course,kind,at,score,minutes
    for i in $(seq 1 40); do
        printf 'e%d,p%d,wells,enrolled,2026-09-%02dT08:00:00Z,,\n' "$i" "$i" $((i % 28 + 1))
        [ $((i % 2)) = 1 ] || printf 's%d,p%d,wells,started,2026-09-%02dT09:00:00Z,,\n' "$i" "$i" $((i % 28 + 1))
        [ $((i % 3)) = 0 ] || printf 'c%d,p%d,wells,completed,2026-10-%02dT09:00:00Z,%d,45\n' "$i" "$i" $((i % 28 + 1)) $((50 + i))
    done
} >campus.csv
sed 's/^\(.\)/h\1/; 1s/^h//' campus.csv | grep -v ',completed,' >hub.csv
q campus result import campus.csv >&2
q hub result import hub.csv >&2
for _ in 1 2 3; do q campus sync >&2 || true; done
q campus seal 2026-09 >&2
q campus window add "mon-fri 22:00-06:00 rate 2M quota 1G" >&2
q campus sync --now >&2 || true
sleep 2
kill "$hub"; wait "$hub" || true
for node in hub campus; do
    q $node stats --json >$node/stats.json
    q $node digest --json >$node/digest.json
    q $node person export >$node/people.csv
    q $node course list --json >$node/courses.json
    q $node verify >&2
    rm -rf $node/tmp $node/lock $node/qanat.sock $node/ballast $node/qanat.db-shm $node/qanat.db-wal
done
tar --sort=name --owner=0 --group=0 --mtime=2026-01-01 -cf - hub campus | gzip -9n >"$out"
tar -tzvf "$out" >&2
