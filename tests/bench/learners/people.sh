#!/usr/bin/env bash
# people.sh: 324,000 people at one node on one core: how long one person waits for sign-in, search and class list, asked one after another. PEOPLE=N, ROUNDS=N.
# Sign-in holds one argon2id (19 MiB, 2 passes), whose cost is measured beside it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
QANAT_BUILD=$(cd "${QANAT_BUILD:-build}" && pwd)
source "$here/../../system/kit.sh"
people=${PEOPLE:-324000}
http=127.0.0.1:$(free_port)

# Names as they are: a few first names are many people's, most family names few; four scripts.
awk -v n="$people" 'BEGIN { srand(7)
    split("Айгүл Нұрлан Асхат Динара Гүлнар Ерлан Amina Fatou Babu Léa José María Иван Мария Анна Ольга فاطمة محمد أحمد 李 王 张 Siti Budi Nguyễn Zoë", first, " ")
    split("ов ова ев ева сон ұлы қызы ski ez ou", ending, " ")
    print "id,name,gender,role,institution"
    for (i = 1; i <= n; i++) printf "t%06d,%s %c%c%c%s,%s,learner,School %d\n", i, first[1 + int(26 * rand() * rand())], 65 + rand() * 26, 97 + rand() * 26, 97 + rand() * 26,
        ending[1 + int(rand() * 10)] int(rand() * 9999), rand() < 0.66 ? "female" : "male", rand() * 7000 }' >"$scratch/people.csv"
awk 'BEGIN { print "id,name,role,password"; for (i = 1; i <= 300; i++) printf "s%d,Signs In %d,learner,correct horse\n", i, i; print "m1,Manager,manager,correct horse" }' >"$scratch/few.csv"
node_make hub hub "" KZ
printf 'http = "%s"\n' "$http" >>"$scratch/hub/qanat.conf"
start=$EPOCHREALTIME
node hub person import "$scratch/people.csv" >/dev/null 2>&1
awk -v n="$people" -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%d people imported in %.1f s\n", n, b - a }'
node hub person import "$scratch/few.csv" >/dev/null 2>&1
node_start hub
taskset -acp 0 "${node_pid[hub]}" >/dev/null
taskset -c 1 python3 - "$http" "${ROUNDS:-300}" "$people" <<'PY'
import http.client, json, random, sys, time, urllib.parse
address, rounds, people = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
random.seed(3)
connection = http.client.HTTPConnection(address)

def ask(method, path, body=None, headers={}):
    start = time.perf_counter()
    connection.request(method, "/api/v1" + path, body=json.dumps(body) if body is not None else None, headers=dict(headers, **{"Content-Type": "application/json"}))
    answer = connection.getresponse()
    text = answer.read()
    seconds = time.perf_counter() - start
    assert answer.status < 300, (method, path, answer.status, text[:200])
    return seconds, answer, json.loads(text) if text else None

def show(name, times):
    times.sort()
    print(f"{name:34} p50 {times[len(times) // 2] * 1e3:7.2f} ms, p99 {times[len(times) * 99 // 100] * 1e3:7.2f} ms, max {times[-1] * 1e3:7.2f} ms")

def sign_in(person):
    seconds, answer, document = ask("POST", "/session", {"person": person, "password": "correct horse"})
    return seconds, {"Cookie": answer.getheader("Set-Cookie").split(";")[0], "X-Qanat-CSRF": document["csrf"]}

show("sign-in, argon2id in it", [sign_in(f"s{random.randint(1, 300)}")[0] for _ in range(rounds)])
_, manager = sign_in("m1")
show("who am I", [ask("GET", "/session", headers=manager)[0] for _ in range(rounds)])
names = ["Айгүл", "Нұрлан", "فاطمة", "محمد", "李", "Amina", "a", "ai", "School", "Мария", "нет такого"]
show("search by a frequent name", [ask("GET", "/people?q=" + urllib.parse.quote(random.choice(names)), headers=manager)[0] for _ in range(rounds)])
def rare():
    return ask("GET", f"/people?q=t{random.randint(1, people):06d}", headers=manager)[0]
show("search by id", [rare() for _ in range(rounds)])
show("search by two words", [ask("GET", "/people?q=" + urllib.parse.quote(random.choice(names) + " " + random.choice("abcdefgh")), headers=manager)[0] for _ in range(rounds)])
show("the list, page by page", [ask("GET", f"/people?after=t{random.randint(1, people):06d}&limit=100", headers=manager)[0] for _ in range(rounds)])
for name, size in (("class", 40), ("country", 20000)):
    ask("POST", "/cohorts", {"cohort": name, "course": "tdc"}, manager)
    for first in range(0, size, 1000):
        ask("POST", f"/cohorts/{name}/members", {"people": [f"t{i:06d}" for i in random.sample(range(1, people + 1), min(size, 1000))]}, manager)
    show(f"class list, {size} people", [ask("GET", f"/cohorts/{name}/progress", headers=manager)[0] for _ in range(rounds // 3)])
    show(f"members, {size} people", [ask("GET", f"/cohorts/{name}/members", headers=manager)[0] for _ in range(rounds // 3)])
PY
