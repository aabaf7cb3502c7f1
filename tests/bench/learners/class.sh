#!/usr/bin/env bash
# class.sh: 2,000 learners at work on one core: state commits (each durable before it is answered) and page loads mixed. LEARNERS=N, PERIOD_MS=N (how often
# each acts: 5000), SECONDS_OF_WORK=N (20). Passwords are hashed at import and at sign-in: a minute before the work.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
QANAT_BUILD=$(cd "${QANAT_BUILD:-build}" && pwd)
source "$here/../../system/kit.sh"
learners=${LEARNERS:-2000}
http=127.0.0.1:$(free_port)
content=127.0.0.1:$(free_port)
ulimit -n 10000

mkdir -p "$scratch/course"
cat >"$scratch/course/imsmanifest.xml" <<'XML'
<?xml version="1.0"?>
<manifest identifier="m" version="1" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
<metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
<organizations default="o"><organization identifier="o"><title>A class</title><item identifier="i" identifierref="r"><title>Lesson</title></item></organization></organizations>
<resources><resource identifier="r" type="webcontent" adlcp:scormtype="sco" href="index.html"/></resources></manifest>
XML
echo '<!DOCTYPE html><title>Lesson</title>' >"$scratch/course/index.html"
for file in page.html:4096 script.js:32768 picture.png:131072; do
    head -c "${file#*:}" /dev/urandom >"$scratch/course/${file%:*}"
done
awk -v n="$learners" 'BEGIN { print "id,name,gender,password"; for (i = 1; i <= n; i++) printf "p%d,Learner %d,female,correct horse\n", i, i }' >"$scratch/people.csv"

node_make hub hub "" CN
printf 'http = "%s"\ncontent = "%s"\n' "$http" "$content" >>"$scratch/hub/qanat.conf"
node hub person import "$scratch/people.csv" >/dev/null 2>&1
node hub course import "$scratch/course" --id class --lang en >/dev/null 2>&1
node_start hub
taskset -acp 0 "${node_pid[hub]}" >/dev/null
echo "$learners learners, each acts every ${PERIOD_MS:-5000} ms"
taskset -c 1 "$QANAT_BUILD/tests/bench/learners/load" run "$http" "$content" "$learners" "$scratch/acknowledged" "${SECONDS_OF_WORK:-20}" "${PERIOD_MS:-5000}" class
awk '{ printf "processor of the node: %.1f s of %.1f s since it started\n", ($14 + $15) / 100, 0 + up - $22 / 100 }' up="$(cut -d' ' -f1 /proc/uptime)" "/proc/${node_pid[hub]}/stat"
node_kill hub || true
node_start hub
"$QANAT_BUILD/tests/bench/learners/load" check "$http" "$scratch/acknowledged"
