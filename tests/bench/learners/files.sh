#!/usr/bin/env bash
# files.sh: static course files from the content origin, in a launch and at their public address, beside nginx with one worker that serves the same files, in the same run: each server on core 0,
# wrk on core 1, 64 connections kept alive. Needs nginx and wrk. SECONDS_EACH=N (5).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
QANAT_BUILD=$(cd "${QANAT_BUILD:-build}" && pwd)
source "$here/../../system/kit.sh"
seconds=${SECONDS_EACH:-5}
http=127.0.0.1:$(free_port)
content=127.0.0.1:$(free_port)
nginx=127.0.0.1:$(free_port)

# A page, a script, a picture and a piece of a film.
mkdir -p "$scratch/course"
declare -A size=([page.html]=4096 [script.js]=32768 [picture.png]=262144 [film.mp4]=2097152)
for name in "${!size[@]}"; do
    head -c "${size[$name]}" /dev/urandom >"$scratch/course/$name"
done
echo '<!DOCTYPE html><title>Files</title>' >"$scratch/course/index.html"

node_make hub hub "" CN
printf 'http = "%s"\ncontent = "%s"\n' "$http" "$content" >>"$scratch/hub/qanat.conf"
printf 'id,name,password\np1,Amina,correct horse\n' >"$scratch/people.csv"
node hub person import "$scratch/people.csv" >/dev/null 2>&1
node hub course import "$scratch/course" --id files --lang en --title Files >/dev/null 2>&1
node_start hub
taskset -acp 0 "${node_pid[hub]}" >/dev/null
curl -s -c "$scratch/jar" -o "$scratch/session" -H 'Content-Type: application/json' -d '{"person":"p1","password":"correct horse"}' "http://$http/api/v1/session"
curl -s -b "$scratch/jar" -o "$scratch/launch" -H "X-Qanat-CSRF: $(gojq -r .csrf "$scratch/session")" -H 'Content-Type: application/json' -d '{"course":"files"}' \
    "http://$http/api/v1/launches"
base=$(gojq -r .base "$scratch/launch")

mkdir -p "$scratch/nginx"
cat >"$scratch/nginx.conf" <<CONF
worker_processes 1;
daemon off;
pid $scratch/nginx/pid;
error_log $scratch/nginx/error;
events { worker_connections 1024; }
http {
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000000;
    client_body_temp_path $scratch/nginx/a; proxy_temp_path $scratch/nginx/b; fastcgi_temp_path $scratch/nginx/c;
    uwsgi_temp_path $scratch/nginx/d; scgi_temp_path $scratch/nginx/e;
    types { text/html html; text/javascript js; image/png png; video/mp4 mp4; }
    server { listen $nginx; root $scratch/course; }
}
CONF
chmod 755 "$scratch"
taskset -c 0 nginx -c "$scratch/nginx.conf" >/dev/null 2>"$scratch/nginx/said" </dev/null &
node_pid[nginx]=$!
sleep 0.5

nginx_worker() { pgrep -P "${node_pid[nginx]}" | head -n 1; }
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; } # of user and system time, a hundredth of a second each
rate() { # URL PID: requests a second, and a second of the server's processor
    local before
    before=$(ticks "$2")
    taskset -c 1 wrk -t1 -c64 -d"${seconds}s" "$1" >"$scratch/wrk"
    if grep -E 'Non-2xx|Socket errors' "$scratch/wrk" >&2; then exit 1; fi
    awk -v t="$(($(ticks "$2") - before))" '/Requests\/sec/ { rate = $2 } / requests in / { n = $1 } END { printf "%.0f %.0f\n", rate, n * 100 / t }' "$scratch/wrk"
}
compare() { # NAME ADDRESS WHAT
    local theirs ours
    theirs=$(rate "http://$nginx/$1" "$(nginx_worker)")
    ours=$(rate "$2$1" "${node_pid[hub]}")
    awk -v n="$1" -v w="$3" -v s="${size[$1]}" -v a="$ours" -v b="$theirs" 'BEGIN { split(a, x); split(b, y)
        printf "%-12s %8d bytes, %s: %8.0f/s, nginx %8.0f/s, ratio %.2f; a second of processor %8.0f and %8.0f, ratio %.2f\n", n, s, w, x[1], y[1], x[1] / y[1], x[2], y[2], x[2] / y[2] }'
}
for name in page.html script.js picture.png film.mp4; do
    compare "$name" "$base" "in a launch"
    compare "$name" "http://$content/course/files/en/1/" "public     "
done
