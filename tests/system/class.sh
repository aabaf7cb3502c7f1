#!/usr/bin/env bash
# kill -9 of the node in the middle of a class, again and again: nobody's acknowledged commit is lost, and everyone is counted once.
. "$(dirname "$0")/kit.sh"
http=127.0.0.1:$(free_port)
content=127.0.0.1:$(free_port)
load=${QANAT_BUILD:?run by make check-system}/tests/bench/learners/load
learners=30
kills=${QANAT_CLASS_KILLS:-3}

starts() {
    mkdir -p "$scratch/course"
    cat >"$scratch/course/imsmanifest.xml" <<'XML'
<?xml version="1.0"?>
<manifest identifier="m" version="1" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
<metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
<organizations default="o"><organization identifier="o"><title>A class</title><item identifier="i" identifierref="r"><title>Lesson</title></item></organization></organizations>
<resources><resource identifier="r" type="webcontent" adlcp:scormtype="sco" href="index.html"/></resources></manifest>
XML
    for file in index.html page.html script.js picture.png; do echo "<!DOCTYPE html><title>$file</title>" >"$scratch/course/$file"; done
    awk -v n="$learners" 'BEGIN { print "id,name,gender,password"; for (i = 1; i <= n; i++) printf "p%d,Learner %d,female,correct horse\n", i, i }' >"$scratch/people.csv"
    node_make hub hub "" CN && printf 'http = "%s"\ncontent = "%s"\n' "$http" "$content" >>"$scratch/hub/qanat.conf" || return 1
    node hub person import "$scratch/people.csv" && node hub course import "$scratch/course" --id class --lang en && node_start hub
}
check "a hub with a class starts" starts

killed_once() {
    : >"$scratch/load"
    "$load" run "$http" "$content" "$learners" "$scratch/acknowledged" 60 150 class >"$scratch/load" 2>&1 &
    local pid=$!
    eventually 30 grep -q '^ready' "$scratch/load" || return 1
    sleep "1.$RANDOM"
    node_kill hub
    wait "$pid" || return 1
    grep -q 'the server went away' "$scratch/load" || return 1
    cat "$scratch/load"
    node_start hub && "$load" check "$http" "$scratch/acknowledged"
}
storm() {
    for _ in $(seq "$kills"); do
        killed_once || return 1
    done
}
check "$kills kills in the middle of a class lose no commit that was acknowledged" storm

counted() { equal started "$(total hub started)" "$learners" && equal enrolled "$(total hub enrolled)" "$learners"; }
check "everyone is counted once" eventually 10 counted
finish
