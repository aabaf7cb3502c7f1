"""lives_work.py: what people do at the nodes of a federation, and what must be true of it everywhere; for lives.py."""
import base64, hashlib, json, os, random, signal, time, urllib.error, urllib.request, zipfile

from lives_kit import KINDS, SEED, Wrong, draw, note, root, world

FINDINGS = {"authority_online", "node_stopped", "ids_lost", "key_waits", "port_taken"}  # that may stay for a while; a port may be another test's
AHEAD = {"stamp_ahead", "implausible"}  # that a clock which was ahead leaves for a while: they say until when
LINKLESS = {"uplink_unreachable", "sync_failed", "stick_late", "sync_never"}  # where there are sticks alone
MANIFEST = """<?xml version="1.0"?>
<manifest identifier="m" version="1" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
<metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
<organizations default="o"><organization identifier="o"><title>Soil</title>
<item identifier="lesson" identifierref="r1"><title>Soil</title></item></organization></organizations>
<resources><resource identifier="r1" type="webcontent" adlcp:scormtype="sco" href="lesson.html"/></resources></manifest>
"""


def inputs_make():
    with open(root + "/people.csv", "w") as out:
        out.write("id,name,gender\n" + "".join(f"p{i},Learner {i},{'female' if i % 2 else 'male'}\n" for i in range(10)))
    os.makedirs(root + "/soil")
    for name, text in (("imsmanifest.xml", MANIFEST), ("lesson.html", "<!DOCTYPE html><title>Lesson</title><p>lesson")):
        with open(f"{root}/soil/{name}", "w") as out:
            out.write(text)


# --- results from files ---


def results_make(count):
    number = world.next()
    path = f"{root}/results{number}.csv"
    with open(path, "w") as out:
        out.write("event_id,person,course,kind,at,score,minutes\n")
        for i in range(count):
            out.write(f"{SEED}-{number}-{i},p{draw.randrange(10)},c{draw.randrange(3)},{draw.choice(KINDS)},"
                      f"2026-{draw.randrange(1, 10):02d}-{draw.randrange(1, 28):02d}T10:00:00Z,,5\n")
    return path, count


def imports(node):
    path, count = results_make(draw.choice([1, 3, 20, 200]))
    said = json.loads(node.run("result", "import", path, "--json", may_cut=True).stdout)
    if said["durable"] + said["duplicate"] != count:
        raise Wrong(f"{node.name} takes {count} events as {said}")
    world.recorded += count
    node.files.append(path)


def records():  # a hub's own results are nowhere else: a restored one has none of them
    imports(draw.choice([node for node in world.all() if node is not world.hub]))


def imports_again():
    node = draw.choice(world.all())
    if node.files:
        node.run("result", "import", draw.choice(node.files))


# --- learners in the browser ---


class Browser:
    def __init__(self, node, person):
        self.base, self.head = f"http://{node.http}/api/v1", {"Content-Type": "application/json"}
        for attempt in range(200):
            try:
                said, head = self.call("POST", "/session", {"person": person, "password": "correct horse"})
                break
            except (urllib.error.URLError, ConnectionError) as wrong:
                if isinstance(wrong, urllib.error.HTTPError) or attempt == 199:
                    raise
                time.sleep(0.05)
        self.head |= {"Cookie": head["Set-Cookie"].split(";")[0], "X-Qanat-CSRF": said["csrf"]}

    def call(self, method, path, body):
        request = urllib.request.Request(self.base + path, method=method, data=json.dumps(body).encode(), headers=self.head)
        with urllib.request.urlopen(request, timeout=60) as answer:
            note("$ http", method, path, body, "->", answer.status)
            return json.loads(answer.read() or "null"), answer.headers


def learns():
    """Somebody works in the browser, to the end or not, for the first time or again; then the node may be killed."""
    node = world.any("campus")
    mine = [learner for learner in world.learners if learner[0] is node]
    learner = draw.choice(mine) if mine and draw.random() < 0.6 else [node, f"w{world.next()}", None, 0, False]
    if learner not in mine:
        world.learners.append(learner)
    _, person, launch, seq, is_done = learner
    node.run("person", "add", "--id", person, "--name", "Web " + person, "--gender", "female", "--password", "correct horse")
    node.run("course", "import", root + "/soil", "--id", "soil", "--lang", "en")
    was_running = bool(node.process)
    if not was_running:
        node.start()
    browser = Browser(node, person)
    is_done = is_done or draw.random() < 0.5
    body = {"seq": seq + 1, "cmi": {"core": {"lesson_status": "completed" if is_done else "incomplete", "session_time": f"00:{seq % 60:02d}:09"}}}
    try:
        if not launch or draw.random() < 0.2:
            raise KeyError
        browser.call("PUT", f"/launches/{launch}/state", body)
    except (KeyError, urllib.error.HTTPError):  # lost with a database
        launch, body["seq"] = browser.call("POST", "/launches", {"course": "soil"})[0]["launch"], 1
        browser.call("PUT", f"/launches/{launch}/state", body)
    learner[2:] = launch, body["seq"], is_done
    world.facts |= {(node.name, kind, person, "soil") for kind in ("enrolled", "started", "active") + (("completed",) if is_done else ())}
    if not was_running:
        node.halt()


def people_change():
    node = draw.choice(world.all())
    mine = [learner for learner in world.learners if learner[0] is node]
    what = draw.choice(["merge", "unmerge", "erase"])
    if what != "erase":
        node.run("person", what, *(["p1", "p2"] if what == "merge" else ["p2"]), may_fail=True, may_cut=True)
    elif mine:
        learner = draw.choice(mine)
        world.learners.remove(learner)
        node.run("person", "erase", learner[1], may_fail=True, may_cut=True)  # what was done stays counted


# --- decisions ---


def decides():
    node = draw.choice([node for node in world.all() if node is not world.hub])
    known = sorted({fact[2] for fact in world.facts if fact[0] == node.name and fact[2].startswith("q")})
    person = draw.choice(known) if known and draw.random() < 0.6 else f"q{world.next()}"
    node.run("person", "add", "--id", person, "--name", "Person " + person, "--gender", "male", may_cut=True)
    what = draw.choice(["enrol", "certify", "revoke", "attend", "attend", "complete", "undo", "drop"])
    if what == "enrol":
        node.run("enrol", "--person", person, "--course", "c9", may_cut=True)
        world.facts.add((node.name, "enrolled", person, "c9"))
    elif what in ("certify", "revoke"):
        certifies(node, person, what == "revoke")
    else:
        node.run("cohort", "new", "autumn", "--course", "c8", may_fail=True)
        node.run("cohort", "add", "autumn", person, may_cut=True)
        world.facts.add((node.name, "enrolled", person, "c8"))
        in_cohort(node, person, what)


def certifies(node, person, is_revoked):
    """The how many-th certificate of somebody for a course it is makes it the same one after a loss."""
    path = f"{root}/certificate{world.next()}"
    node.run("credential", "issue", "--person", person, "--course", "c9", "--out", path, may_cut=True)
    issued = json.loads(node.run("credential", "list", "--person", person, "--json").stdout)["credentials"]
    mine = [row for row in reversed(issued) if row["course"] == "c9"]
    world.facts |= {(node.name, "certified", person, number) for number in range(len(mine))}
    world.certificates.append([node, mine[-1]["id"], path])
    if is_revoked:
        world.revoked.add(mine[-1]["id"])
        node.run("credential", "revoke", mine[-1]["id"], "--reason", "in error", may_cut=True)
        world.facts.add((node.name, "revoked", person, len(mine) - 1))


def in_cohort(node, person, what):
    if what == "attend":
        attends(node, person)
        return
    if what == "drop":  # what was counted stays
        node.run("cohort", "drop", "autumn", person, may_cut=True)
        return
    node.run("cohort", "complete", "autumn", person, "--reason", "seen", may_cut=True)
    world.facts.add((node.name, "completed", person, "c8"))
    if what == "undo":
        node.run("cohort", "complete", "autumn", person, "--reason", "not seen", "--undo", may_cut=True)
        world.facts.discard((node.name, "completed", person, "c8"))


def attends(node, person):
    """On a day; the minutes are of the session, and follow for all who were there."""
    session, minutes = f"2026-10-0{draw.randrange(1, 4)}", draw.choice([30, 45, 60])
    node.run("cohort", "attend", "autumn", session, person, "--minutes", str(minutes), may_cut=True)
    fact = (node.name, "attended", person, session)
    world.facts.add(fact)
    world.minutes[node.name, session] = minutes
    if draw.random() < 0.3:
        node.run("cohort", "attend", "autumn", session, person, "--absent", may_cut=True)
        world.facts.discard(fact)


# --- programs with a key ---


def agent(person):
    return {"account": {"homePage": "http://example.org", "name": person}}


def told(node, method, path, body=None):
    """A program tells, or asks; it gets another key where its own is not known."""
    for _ in range(2):
        if not node.client:
            key = json.loads(node.run("xapi", "key", "add", "--name", "Program", "--json").stdout)
            node.client = base64.b64encode(f"{key['key']}:{key['secret']}".encode()).decode()
        head = {"Content-Type": "application/json", "X-Experience-API-Version": "2.0.0", "Authorization": "Basic " + node.client}
        request = urllib.request.Request(f"http://{node.http}/xapi/statements{path}", method=method, data=body and json.dumps(body).encode(), headers=head)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status
        except urllib.error.HTTPError as wrong:
            if wrong.code != 401:
                return wrong.code
            node.client = None
    raise Wrong(f"{node.name} lets no program in")


def tells():
    """Statements from outside: a new one, old ones again, one voided; then each is there as it was said, though the node be killed."""
    node = world.any("campus")
    was_running = bool(node.process)
    if not was_running:
        node.start()
    eventually_answers(node)
    node.statements.append([f"{SEED % 10**8:08d}-0000-4000-8000-{world.next():012d}", False])
    for said in node.statements[-4:]:
        says(node, said)
    said = draw.choice(node.statements[-4:])
    if not said[1] and draw.random() < 0.5:
        said[1] = True
        says(node, said)
    if draw.random() < 0.5:
        node.stop(signal.SIGKILL)
        node.start()
        eventually_answers(node)
    for identity, is_void in node.statements[-4:]:
        found = told(node, "GET", f"?statementId={identity}"), told(node, "GET", f"?voidedStatementId={identity}")
        if found != ((404, 200) if is_void else (200, 404)):
            raise Wrong(f"{node.name} has statement {identity} as {found}, void: {is_void}")
    if not was_running:
        node.halt()


def says(node, said):
    identity, is_void = said
    body = {"id": identity, "actor": agent("program"), "verb": {"id": "http://example.org/did"}, "object": {"id": "http://example.org/soil"}}
    void = {"id": identity.replace("-4000-", "-4001-"), "actor": agent("program"), "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"},
            "object": {"objectType": "StatementRef", "id": identity}}
    for statement in [body, void] if is_void else [body]:
        code = told(node, "PUT", f"?statementId={statement['id']}", statement)
        if code != 204:
            raise Wrong(f"{node.name} answers {code} to {statement['verb']}")


def eventually_answers(node):
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://{node.http}/healthz", timeout=60).close()
            return
        except urllib.error.HTTPError:
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    raise Wrong(f"{node.name} has no pages")


# --- courses ---


def course_make(node, *sizes):
    if not node.course:
        node.course = f"of-{node.name}-{world.serial + 1}"
        world.courses[node.course] = (node, [])
    return package_make(node.course, *sizes)


def package_make(title, *sizes):
    number = world.next()
    path = f"{root}/course{number}.zip"
    film = random.Random(SEED * 1000 + draw.choice([0, number])).randbytes(draw.choice(sizes))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("index.html", f'<!DOCTYPE html><html lang="en"><title>{title}</title><p>{number}</p>')
        out.writestr("same.txt", "same " * 1000)
        out.writestr("film.mp4", film)
    return path, number


def sha256(path):
    with open(path, "rb") as package:
        return hashlib.sha256(package.read()).hexdigest()


def course_published(node, path, version):
    node.run("course", "publish", node.course, may_cut=True)
    world.courses[node.course][1].append((version, sha256(path), path))


def publishes():
    node = draw.choice([node for node in world.all() if not node.has_quota])
    path, _ = course_make(node, 10, 3000, 200000, 2000000)
    said = node.run("course", "import", path, "--id", node.course, "--lang", "en", "--json", may_cut=True).stdout
    course_published(node, path, json.loads(said)["version"])
    if node is not world.hub and draw.random() < 0.7:
        node.sync()


def subscribes():
    if not world.courses:
        return
    node, course = draw.choice(world.all()), draw.choice(sorted(world.courses))
    if course in node.subscriptions and draw.random() < 0.4:
        node.run("course", "unsubscribe", course, may_fail=True)
        node.subscriptions.discard(course)
    else:
        node.run("course", "subscribe", course, may_cut=True)
        node.subscriptions.add(course)


def withdraws():
    """The publisher takes its newest version back, and publishes it again; between them, others may hear of it."""
    able = [node for node in world.all() if node.course and world.courses[node.course][1] and not node.has_quota]
    if not able:
        return
    node = draw.choice(able)
    version, _, path = world.courses[node.course][1][-1]
    node.run("course", "remove", node.course, "--version", version, may_fail=True, may_cut=True)
    if draw.random() < 0.5:
        draw.choice(world.all()).sync()
        node.sync()
    if draw.random() < 0.3:
        node.run("course", "clean")
    node.run("course", "import", path, "--id", node.course, "--lang", "en", "--version", version, may_cut=True)
    node.run("course", "publish", node.course, may_cut=True)


def pins():
    """Somebody stays with a version that is there, or follows the newest again."""
    node = draw.choice(world.all())
    held = sorted(key for key, state in courses_held(node).items() if state in ("published", "installed") and key[0] in world.courses)
    if node.pins and draw.random() < 0.4:
        course = draw.choice(sorted(node.pins))
        node.run("course", "pin", course, "--newest", may_cut=True)
        del node.pins[course]
    elif held:
        course, version = draw.choice(held)
        if draw.random() < 0.8 or len([key for key in held if key[0] == course]) < 2:
            node.run("course", "pin", course, "--version", version, may_cut=True)
            node.pins[course] = version


def tidies():
    node = draw.choice(world.all())
    words = draw.choice([["course", "clean"], ["course", "clean", "--relayed"], ["verify"], ["scrub", "--repair"], ["seal", "2026-03"]])
    node.run(*words, may_fail=words[0] == "scrub", may_cut=words[0] == "course")


# --- what must be true ---


def rows_by_node(node):
    rows = json.loads(node.run("stats", "--by", "node", "--json").stdout)["rows"]
    return {row["by"]["node"]: row for row in rows}


def figures_agree():
    """What the hub says of a node, itself and the centre above it say, too."""
    at_hub = rows_by_node(world.hub)
    for node in world.all():
        below = [other for other in world.all() if other is not world.hub and
                 (other is node or (node.kind == "national" and other.kind == "campus" and other.parent == node.name))]
        own = rows_by_node(node)
        for other in below:
            if own.get(other.name) != at_hub.get(other.name):
                yield f"{node.name} says of {other.name} {own.get(other.name)}, the hub {at_hub.get(other.name)}"


def attendance_is_exact():
    """Corrections reached all who were there; a node that lost something may have kept the minutes of before."""
    rows = json.loads(world.hub.run("stats", "--by", "node,course", "--json").stdout)["rows"]
    told = {row["by"]["node"]: row["minutes"] for row in rows if row["by"]["course"] == "c8"}
    for node in world.all():
        attended = [fact for fact in world.facts if fact[:2] == (node.name, "attended") and (node.name, fact[3]) in world.minutes]
        wanted = sum(world.minutes[node.name, session] for _, _, _, session in attended)
        if not node.has_lost and not node.is_copied and told.get(node.name, 0) != wanted:
            yield f"{node.name} attended {told.get(node.name, 0)} minutes, not {wanted}: {sorted(attended)}"


def certificates_are_judged():
    """Everywhere alike, whatever keys were changed and databases lost."""
    for node, number, path in world.certificates[-6:]:
        for at in {node, world.hub, draw.choice(world.all())}:
            done = at.run("credential", "verify", path, may_fail=True)
            if not at.sleeps_until and done.returncode != (number in world.revoked):
                yield f"{at.name} says of certificate {path} of {node.name}: {done.returncode} {done.stdout}"


def courses_held(node):
    rows = json.loads(node.run("course", "list", "--json").stdout)
    return {(row["course"], row["version"]): row["state"] for row in rows}


def courses_are_there():
    """Subscribers have the version that was published last, and it is made again byte for byte."""
    held, away = {node.name: courses_held(node) for node in world.all()}, set()
    for course, (node, versions) in world.courses.items():
        is_held = versions and any(states.get((course, versions[-1][0])) in ("published", "installed") for states in held.values())
        if node.course == course and versions and not is_held and not node.sleeps_until:
            node.run("course", "import", versions[-1][2], "--id", course, "--lang", "en")  # lost with its only machine: its people have the file
            held[node.name] = courses_held(node)
        elif not is_held and node.sleeps_until:
            away.add(course)
    for node in world.all():
        for course, version in node.pins.items():
            if held[node.name].get((course, version)) not in ("published", "installed"):
                yield f"{node.name} stays with version {version} of {course}, and has it as {held[node.name].get((course, version))}"
        for course in (node.subscriptions | ({node.course} if node.course else set())) - away:
            version, sha, _ = (world.courses[course][1] or [("", "", "")])[-1]
            state = held[node.name].get((course, version))
            if version and state not in ("published", "installed"):
                yield f"{node.name} has version {version} of {course} as {state}"
            elif version:
                yield from original_differs(node, course, version, sha)


def original_differs(node, course, version, sha):
    path = root + "/original.zip"
    if os.path.exists(path):
        os.unlink(path)
    done = node.run("course", "export", course, "--original", path, "--version", version, may_fail=True)
    if done.returncode:
        yield f"{node.name} does not make {course} {version} again: {done.stderr}"
    else:
        if sha256(path) != sha:
            yield f"{node.name} makes another archive of {course} {version}"


def states_are_right():
    for node in world.all():
        status = json.loads(node.run("status", "--json").stdout)
        lacks = any(peer["we_lack"]["cells"] or peer["they_lack"]["cells"] for peer in status["peers"])
        if node.is_by_stick and status["state"] in ("waiting", "offline"):  # as the last session saw it, where there ever was one
            lacks, status["state"] = any(peer["they_lack"]["cells"] for peer in status["peers"]), "behind"
        if (status["state"] != "in_step" and (lacks or status["state"] != "behind")) or status["alarms"] or status["quarantined"]:
            yield f"{node.name} is {status['sentence']} {status['alarms']} {status['quarantined']}"
        if status["receipts"]["hub_lacks"]:
            yield f"{node.name} thinks that the hub lacks {status['receipts']['hub_lacks']} of its cells"
        findings = json.loads(node.run("doctor", "--json", may_fail=True).stdout)["findings"]
        yield from (f"{node.name}: {finding['code']} {finding['subject']}: {finding['cause']}" for finding in findings
                   if finding["code"] not in FINDINGS | (LINKLESS if node.is_by_stick else set()) | (AHEAD if world.clock_ahead else set()))
        done = node.run("verify", may_fail=True)
        if done.returncode:
            yield f"{node.name} is damaged: {done.stdout} {done.stderr}"


def everything_is_right(*others):
    for look in (*others, figures_agree, attendance_is_exact, certificates_are_judged, courses_are_there, states_are_right):
        for attempt in range(8):
            wrong = list(look())
            if not wrong:
                break
            time.sleep(0.25 * attempt)
            world.settle()
        else:
            note("WRONG", *wrong, sep="\n  ")
            raise Wrong(f"{look.__name__}: {wrong[0]}")
