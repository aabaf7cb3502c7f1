"""lives_courses.py: ways on which courses come beside the node above: mirrors that break and lie, neighbours, sticks in volumes; one course that several
publish, and versions gone back to; for lives.py."""
import functools, http.server, json, os, signal, threading

import lives_work as work
from lives_kit import Wrong, draw, note, root, world

www = root + "/www"
SHARED = "shared"


# --- one course of several publishers ---


def publishes_shared():
    """Two centres have a course of one id: each goes on with its own versions, whoever has one makes it again byte for byte."""
    able = [node for node in world.all() if not node.has_quota]
    for node in draw.sample(able, 2):
        path, number, version = *work.package_make(SHARED, draw.choice([10, 40000])), f"{node.name}-{world.next()}"
        node.run("course", "import", path, "--id", SHARED, "--lang", "en", "--version", version, may_cut=True)
        node.run("course", "publish", SHARED, "--version", version, may_cut=True)
        world.shared[version] = work.sha256(path)
        if node.parent and draw.random() < 0.5:
            node.sync()
    reader = draw.choice(able)
    reader.run("course", "subscribe", SHARED, may_cut=True)


def shared_is_whole():
    for node in world.all():
        for (course, version), state in work.courses_held(node).items():
            if course == SHARED and state in ("published", "installed") and version in world.shared:
                yield from work.original_differs(node, SHARED, version, world.shared[version])


def rolls_back():
    """To the version before, and it stays there."""
    able = [(node, course) for node in world.all() for course in [*sorted(world.courses), SHARED]
            if len([key for key, state in work.courses_held(node).items() if key[0] == course and state in ("published", "installed")]) > 1]
    if not able:
        return
    node, course = draw.choice(able)
    done = node.run("course", "rollback", course, "--json", may_fail=True)
    if done.returncode == 0:
        node.pins[course] = json.loads(done.stdout)[0]["version"]
    elif "no version before" not in done.stderr and "older" not in done.stderr:
        raise Wrong(f"{node.name} does not go back: {done.stderr}")


# --- mirrors ---


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def mirror_serves():
    if not world.mirror:
        os.makedirs(www, exist_ok=True)
        world.mirror = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=www))
        threading.Thread(target=world.mirror.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{world.mirror.server_port}"


def mirror_breaks():
    for name in os.listdir(www):
        path, what = os.path.join(www, name), draw.choice(["stays", "stays", "goes", "is short", "lies"])
        if what == "goes":
            os.unlink(path)
        elif what != "stays":
            with open(path, "r+b") as content:
                content.truncate(os.path.getsize(path) // 2) if what == "is short" else content.write(b"lies")


def has_mirror():
    """Somebody above fills a mirror and names it; some contents of it are lost, cut or wrong later on."""
    node, url = draw.choice([world.hub] + world.of_kind("national")), mirror_serves()
    mirror_breaks()
    node.run("mirror", "export", www, may_fail=True, may_cut=True)
    mine = [mirror for mirror in json.loads(node.run("mirror", "list", "--json").stdout)["mirrors"] if mirror["by"] == node.name]
    if mine and draw.random() < 0.4:
        node.run("mirror", "remove", url, may_cut=True, may_fail=True)
    elif not mine:
        node.run("mirror", "add", url, may_cut=True)


# --- neighbours ---


def set_neighbours(node, names):
    with open(node.dir + "/qanat.conf") as conf:
        lines = [line for line in conf if not line.startswith("neighbours")]
    with open(node.dir + "/qanat.conf", "w") as out:
        out.write("".join(lines) + (f'neighbours = "{names}"\n' if names else ""))
    note(f"# {node.name}: neighbours = {names}")
    if node.process:
        node.process.send_signal(signal.SIGHUP)


def has_neighbours():
    node = draw.choice(world.of_kind("campus") * 2 + world.of_kind("national"))
    others = [other.name for other in world.of_kind("national") if other is not node]
    set_neighbours(node, ", ".join(draw.sample(others, draw.randrange(len(others) + 1))))


# --- sticks in volumes ---


def goes_in_volumes():
    """The way down on small sticks, cut and resumed; and the stick before it is used again."""
    node = world.any("campus")
    above, path = world.nodes[node.parent], f"{root}/volumes-of-{node.parent}-for-{node.name}"
    for name in sorted(os.listdir(root)):
        if name.startswith(os.path.basename(path) + ".") and draw.random() < 0.1:
            os.unlink(os.path.join(root, name))  # one was lost
    words = ["bundle", "export", "--for", node.name, path, "--volume", draw.choice(["300K", "1M", "5M"])]
    done = above.run(*words, *draw.choice([[], ["--resume"]]), may_fail=True, may_cut=True)
    if done.returncode and "take another name" in done.stderr:  # of a giver of before
        os.unlink(path)
    elif done.returncode and "room" not in done.stderr and "--volume" not in done.stderr:
        raise Wrong(f"{above.name} makes no volumes for {node.name}: {done.stderr}")
    if done.returncode == 0:
        node.run("bundle", "import", path, may_cut=True)
