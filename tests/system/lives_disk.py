"""lives_disk.py: disks that run full and get room again, and quotas of courses that are reached and raised; for lives.py."""
import os, shutil, signal, subprocess

import lives_work as work
from lives_kit import Wrong, draw, note, root, world

ROOM = 32 << 20  # a disk that is to run full has so much more than what lies on it
small = root + "/small"


def can_mount():
    os.makedirs(small, exist_ok=True)
    return not subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", small], capture_output=True).returncode and unmount()


def unmount():
    return subprocess.run(["umount", small], capture_output=True).returncode == 0


def bytes_of(folder):
    return sum(os.lstat(os.path.join(at, name)).st_size + 4096 for at, _, names in os.walk(folder) for name in names)


class SmallDisk:
    """While it lasts the node lives on a file system of its own, which is full."""

    def __init__(self, node):
        self.node, self.was_running = node, bool(node.process)

    def __enter__(self):
        node = self.node
        node.halt()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={bytes_of(node.dir) + ROOM}", "none", small], check=True)
        self.move(node.dir, small + "/node")
        os.symlink(small + "/node", node.dir)
        if node.kind != "campus" or draw.random() < 0.5:
            node.start()
        self.fill(draw.choice([0, 40, 300, 1500]))
        return self

    @staticmethod
    def move(source, to):
        shutil.copytree(source, to)
        shutil.rmtree(source)

    def fill(self, left):
        disk = os.statvfs(small)
        room = disk.f_bavail * disk.f_frsize - (left << 10)
        note(f"# {self.node.name}: {left} KiB left")
        try:
            with open(small + "/filler", "ab", buffering=0) as filler:
                filler.write(bytes(max(room, 0)))
        except OSError:
            pass  # others write there, too

    def has_room(self):
        note(f"# {self.node.name} has room")
        if os.path.exists(small + "/filler"):
            os.unlink(small + "/filler")

    def __exit__(self, *_):
        self.node.stop()
        os.unlink(self.node.dir)
        self.move(small + "/node", self.node.dir)
        if not unmount():
            raise Wrong("the small disk is still in use")
        if self.was_running:
            self.node.start()


def is_fit(done, words):
    """Whether it was done; where there was no room it says so."""
    if done.returncode not in (0, 73):
        raise Wrong(f"{' '.join(words)} on a full disk: {done.returncode} {done.stderr.strip()}")
    return done.returncode == 0


def tries(node, *words, then=None):
    """What is to be done once more, when there was no room for it."""
    again = lambda: (node.run(*words), then and then())
    if is_fit(node.run(*words, may_fail=True), (node.name, *words)):
        if then:
            then()
        return []
    return [again]


def restarts(node):
    """Killed where nothing fits: it runs again at once, or says that there is no room."""
    node.stop(signal.SIGKILL)
    try:
        node.start()
    except Wrong:
        with open(node.dir + ".journal") as said:
            last = said.readlines()[-8:]
        note("# does not start:", *last)
        node.process = None
        if not any("room" in line or "full" in line or "space" in line for line in last):
            raise
    return []


def imports(node):
    path, count = work.results_make(draw.choice([1, 20, 200, 2000]))

    def counts():
        world.recorded += count
        node.files.append(path)
    return tries(node, "result", "import", path, then=counts)


def decides(node):
    person = f"q{world.next()}"
    pending = tries(node, "person", "add", "--id", person, "--name", "Person " + person, "--gender", "male")
    if pending:
        return pending
    return tries(node, "enrol", "--person", person, "--course", "c9", then=lambda: world.facts.add((node.name, "enrolled", person, "c9")))


def publishes(node):
    path, number = work.course_make(node, 200000)
    return tries(node, "course", "import", path, "--id", node.course, "--lang", "en", "--version", f"f{number}",
                 then=lambda: work.course_published(node, path, f"f{number}"))


def backs_up(node):
    path = small + "/backup"
    if is_fit(node.run("backup", path, may_fail=True), ("backup",)):
        os.unlink(path)
    elif os.listdir(small) != ["filler", "node"] and sorted(os.listdir(small)) not in (["filler", "node"], ["node"]):
        raise Wrong(f"a backup that had no room leaves {os.listdir(small)}")
    return []


def syncs(node):
    node.run("sync", "--now", "--timeout", "20", may_fail=True)
    return []


def others_sync(node):
    for other in world.all():
        if other.parent == node.name and not other.is_by_stick:
            work_before = draw.random() < 0.5
            if work_before:
                work.imports(other)
            other.run("sync", "--now", "--timeout", "20", may_fail=True)
    return []


def looks(node):
    for words in (("status",), ("doctor",), ("verify",), ("stats",), ("course", "list")):
        done = node.run(*words, "--json", may_fail=True)
        if words[0] in ("status", "stats", "course") and done.returncode:
            raise Wrong(f"{node.name} {words} on a full disk: {done.returncode} {done.stderr}")
    return []


def fills():
    """A disk runs full under a node, which goes on as far as it can; then it has room again, and what had none is done."""
    if not can_mount():
        return
    node = draw.choice([node for node in world.all() if not node.has_quota])
    pending = []
    with SmallDisk(node) as disk:
        for what in draw.choices([imports, decides, publishes, backs_up, syncs, others_sync, looks] + [restarts] * bool(node.process), k=draw.randrange(3, 7)):
            if what is imports and node is world.hub:
                continue
            note("#", what.__name__)
            pending += what(node)
            if draw.random() < 0.2:
                disk.fill(0)
        disk.has_room()
        if not node.process and node.kind != "campus":
            node.start()
        for again in pending:
            again()


def set_quota(node, mib):
    with open(node.dir + "/qanat.conf") as conf:
        lines = [line for line in conf if not line.startswith("content_quota_mib")]
    with open(node.dir + "/qanat.conf", "w") as out:
        out.write("".join(lines) + f"content_quota_mib = {mib}\n")
    note(f"# {node.name}: content_quota_mib = {mib}")
    if node.process:
        node.process.send_signal(signal.SIGHUP)
    node.has_quota = mib > 0


def quota_changes():
    node = draw.choice(world.all())
    set_quota(node, 0 if node.has_quota else 1)


def quotas_end():
    for node in world.all():
        if node.has_quota:
            set_quota(node, 0)
