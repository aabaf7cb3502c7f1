#!/usr/bin/env python3
"""Lives of a small federation of real processes, drawn from a seed: lives.py QANAT FOLDER SEED STEPS
A hub, two centres and three campuses, which run for a sync only, record results and meet by link and by stick; processes are killed; databases are put
back, by hand or from a backup; nodes are copied and get keys of their own, change keys, lose their machines, move to another centre; another node
becomes the hub. Every twelve steps all come in step, and the hub must count each recorded event once. FOLDER/seed.log tells what was done."""
import json, os, random, shutil, signal, socket, subprocess, sys, time

QANAT, FOLDER, SEED, STEPS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
KINDS = "enrolled started active completed dropped certified attended".split()
CAMPUSES_MAX = 6
draw = random.Random(SEED)
root = os.path.join(FOLDER, str(SEED))
os.makedirs(root)
journal = open(root + ".log", "w")


def note(*words):
    print(*words, file=journal, flush=True)


class Node:
    """One data directory. `life` and `parent` say whether what was kept of it earlier is still of this node."""

    def __init__(self, name, kind, parent):
        self.name, self.kind, self.parent = name, kind, parent
        self.life, self.process, self.is_copied, self.has_turned, self.backup, self.snapshot = 0, None, False, False, None, None
        self.files = []  # what was imported here in this life under this key, as (path, events)

    @property
    def dir(self):
        return os.path.join(root, self.name)

    def run(self, *words, may_fail=False):
        done = subprocess.run([QANAT, *words, "--dir", self.dir], capture_output=True, text=True, timeout=300)
        if words[0] != "stats":
            note("$", self.name, *words, "->", done.returncode, (done.stdout[-200:] + done.stderr[-300:]).strip().replace("\n", " | "))
        if done.returncode and not may_fail:
            raise RuntimeError(f"{self.name} {' '.join(words)}: {done.returncode} {done.stderr.strip()}")
        return done

    def start(self):
        for _ in range(20):  # a command may hold the directory for a moment
            with open(self.dir + ".journal", "a") as said:
                self.process = subprocess.Popen([QANAT, "run", "--dir", self.dir], stdout=subprocess.DEVNULL, stderr=said)
            while self.process.poll() is None:
                if os.path.exists(self.dir + "/qanat.sock"):
                    return
                time.sleep(0.05)
        raise RuntimeError(f"{self.name} does not start")

    def stop(self, by=signal.SIGTERM):
        if self.process:
            self.process.send_signal(by)
            self.process.wait()
            self.process = None
        if os.path.exists(self.dir + "/qanat.sock"):
            os.unlink(self.dir + "/qanat.sock")

    def mark(self):
        return (self.life, self.parent)

    def sync(self):
        return self.run("sync", "--timeout", "60", may_fail=True).returncode

    def sync_up(self):
        """What it recorded is at the hub."""
        node = self
        while node is not world.hub:
            for _ in range(40):
                if node.sync() == 0:
                    break
                time.sleep(0.25)
            else:
                raise RuntimeError(f"{node.name} does not come in step")
            node = world.nodes[node.parent]

    def record(self):
        world.serial += 1
        count = draw.choice([1, 3, 20, 200])
        path = f"{root}/results{world.serial}.csv"
        with open(path, "w") as out:
            out.write("event_id,person,course,kind,at,score,minutes\n")
            for i in range(count):
                out.write(f"{SEED}-{world.serial}-{i},p{draw.randrange(10)},c{draw.randrange(3)},{draw.choice(KINDS)},"
                          f"2026-{draw.randrange(1, 10):02d}-{draw.randrange(1, 28):02d}T10:00:00Z,,5\n")
        said = self.run("result", "import", path).stdout
        if f"{count} durable" not in said:
            raise RuntimeError(f"{self.name} takes {count} events as {said}")
        world.recorded += count
        self.files.append(path)


class World:
    def __init__(self):
        self.nodes, self.hub, self.serial, self.recorded, self.copies = {}, None, 0, 0, 0

    def add(self, name, kind, parent):
        node = self.nodes[name] = Node(name, kind, parent)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        node.run("init", "--name", name, "--kind", kind, "--country", "EG", *([] if kind == "campus" else ["--listen", f"tcp://127.0.0.1:{port}"]))
        if parent:
            node.run("join", self.nodes[parent].run("invite", "--name", name, "--kind", kind, "--country", "EG").stdout.strip())
        if kind != "campus":
            node.start()
        node.run("person", "import", root + "/people.csv")
        return node

    def of_kind(self, kind):
        return [node for node in self.nodes.values() if node.kind == kind]

    def settle(self):
        for node in self.of_kind("campus") + self.of_kind("national"):
            node.sync_up()

    def counted(self):
        rows = json.loads(self.hub.run("stats", "--format", "json").stdout)["rows"]
        return sum(rows[0].get(kind) or 0 for kind in KINDS) if rows else 0

    def check(self):
        self.settle()
        for attempt in range(60):
            if self.counted() == self.recorded:
                return
            time.sleep(0.25)
            if attempt % 20 == 19:
                self.settle()
        raise RuntimeError(f"{self.counted()} events count at {self.hub.name}, {self.recorded} were recorded")


# --- what may happen: (how often, what) -------------------------------------------------------------------


def records():  # a hub's own results are nowhere else: a restored one has none of them
    draw.choice([node for node in world.nodes.values() if node is not world.hub]).record()


def syncs():
    draw.choice(world.of_kind("campus") + world.of_kind("national")).sync()


def is_killed():
    node = draw.choice([world.hub] + world.of_kind("national"))
    node.stop(draw.choice([signal.SIGKILL, signal.SIGTERM]))
    node.start()


def backs_up():
    node = draw.choice(list(world.nodes.values()))
    node.backup = (f"{root}/{node.name}.backup", node.mark())
    if os.path.exists(node.backup[0]):
        os.unlink(node.backup[0])
    node.run("backup", node.backup[0])


def is_restored():  # after what it recorded was heard: what nobody heard is lost with a disk
    able = [node for node in world.nodes.values() if node.backup and node.backup[1] == node.mark()]
    if not able:
        return
    node, was_running = draw.choice(able), False
    if node is world.hub:
        world.settle()
    node.sync_up()
    was_running = bool(node.process)
    node.stop()
    shutil.rmtree(node.dir)
    node.run("restore", node.backup[0])
    if node is not world.hub and draw.random() < 0.5:
        node.record()
    if was_running:
        node.start()


def is_put_back():  # its files, as somebody copies them by hand
    node = draw.choice(world.of_kind("campus"))
    kept = node.dir + ".kept"
    if node.snapshot == node.mark() and draw.random() < 0.6:
        node.sync_up()
        shutil.rmtree(node.dir)
        shutil.copytree(kept, node.dir)
    else:
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(node.dir, kept)
        node.snapshot = node.mark()


def moves():
    node = draw.choice(world.of_kind("campus"))
    to = draw.choice([centre for centre in world.of_kind("national") if centre.name != node.parent] or [world.hub])
    node.sync()
    invited = to.run("invite", "--moves", node.name, may_fail=True)
    if invited.returncode == 0:  # it may not: it took a lost one's place, it changed its keys, it is not known there yet
        node.run("join", invited.stdout.strip())
        node.parent = to.name


def is_copied():
    if len(world.of_kind("campus")) >= CAMPUSES_MAX:
        return
    node = draw.choice(world.of_kind("campus"))
    world.copies += 1
    copy = Node(f"x{world.copies}", "campus", node.parent)
    shutil.copytree(node.dir, copy.dir)
    for writer in (copy, node):
        if draw.random() < 0.7:
            writer.record()
    for writer in (node, copy):
        if draw.random() < 0.5:
            writer.sync()
    if draw.random() < 0.5:
        copy.record()
    for _ in range(10):
        token = world.nodes[node.parent].run("invite", "--name", copy.name, "--kind", "campus", "--country", "EG").stdout.strip()
        if copy.run("rekey", token, may_fail=True).returncode == 0:
            break
        time.sleep(1)
    else:
        raise RuntimeError(f"{copy.name} gets no key of its own")
    copy.files, node.is_copied = [], True
    world.nodes[copy.name] = copy
    copy.sync()
    world.nodes[node.parent].run("peer", "settle", node.name, may_fail=True)


def is_rebuilt():  # its machine is lost, after what it recorded was heard; files may be imported again before it met anybody
    node = draw.choice(world.of_kind("campus"))
    node.sync_up()
    has_key = draw.random() < 0.5
    shutil.copy(node.dir + "/node.key", node.dir + ".key")
    token = world.nodes[node.parent].run("invite", "--replaces", node.name).stdout.strip()
    shutil.rmtree(node.dir)
    node.run("join", token, *(["--key", node.dir + ".key"] if has_key else []))
    node.life += 1
    node.run("person", "import", root + "/people.csv")
    if draw.random() < 0.5:
        node.sync()
    for path in draw.sample(node.files, min(3, len(node.files))):
        node.run("result", "import", path)
    node.sync()


def imports_again():
    node = draw.choice(list(world.nodes.values()))
    if node.files:
        node.run("result", "import", draw.choice(node.files))


def goes_by_stick():
    node = draw.choice(world.of_kind("campus"))
    above = world.nodes[node.parent]
    world.serial += 1
    stick = f"{root}/stick{world.serial}"
    for giver, taker in ((node, above), (above, node)):
        if giver.run("bundle", "export", "--for", taker.name, stick + giver.name, may_fail=True).returncode == 0:
            taker.run("bundle", "import", stick + giver.name)


def turns_key():  # what a copy says with the key that is given up counts no more: a thief would, too
    node = draw.choice(world.of_kind("campus"))
    if node.is_copied or os.path.exists(node.dir + "/node.key.next"):
        return
    node.sync()
    if node.run("key", "rotate", may_fail=True).returncode == 0:
        node.sync()
        world.nodes[node.parent].run("key", "admit", node.name, may_fail=True)
        node.sync()
        node.sync()
        node.life += 1


def is_promoted():
    former, new = world.hub, draw.choice(world.of_kind("national"))
    world.settle()
    if new.run("promote", new.name, "--key", root + "/authority.key", "--old-hub", "national", may_fail=True).returncode:
        return
    for node in world.of_kind("national"):
        node.parent = new.name
    world.hub, new.kind, new.parent, former.kind, former.parent = new, "hub", None, "national", new.name
    for node in world.nodes.values():
        node.life += 1


EVENTS = [(10, records), (8, syncs), (3, is_killed), (3, backs_up), (3, is_restored), (3, is_put_back), (2, moves), (1, is_copied), (1, is_rebuilt),
          (2, imports_again), (3, goes_by_stick), (1, turns_key), (0.4, is_promoted)]


def lives():
    with open(root + "/people.csv", "w") as out:
        out.write("id,name,gender\n" + "".join(f"p{i},Learner {i},{'female' if i % 2 else 'male'}\n" for i in range(10)))
    world.hub = world.add("hub", "hub", None)
    shutil.copy(world.hub.dir + "/authority.key", root + "/authority.key")
    for name in ("c1", "c2"):
        world.add(name, "national", "hub")
    for name in ("k1", "k2", "k3"):
        world.add(name, "campus", draw.choice(["c1", "c2"]))
    for step in range(STEPS):
        event = draw.choices([event for _, event in EVENTS], [weight for weight, _ in EVENTS])[0]
        note(f"=== {step} {event.__name__}")
        event()
        if step % 12 == 11:
            world.check()
    world.check()


world = World()
try:
    lives()
    print(f"{world.recorded} events, {len(world.nodes)} nodes: each counts once")
except (RuntimeError, subprocess.TimeoutExpired) as wrong:
    note("WRONG", wrong)
    sys.exit(f"seed {SEED}: {wrong}; see {root}.log")
finally:
    for node in world.nodes.values():
        node.stop()
