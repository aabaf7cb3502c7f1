"""lives_kit.py: nodes of a federation as directories and processes, for lives.py. What is drawn, and what is true, stands in `world`."""
import json, os, random, signal, socket, subprocess, sys, time

QANAT, FOLDER, SEED, STEPS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
KINDS = "enrolled started active completed dropped certified attended".split()
CUT = 0.15  # of the commands that may be cut short, how many are
MISFORTUNE = os.path.join(os.path.dirname(QANAT), "tests/system/misfortune.so")
DONE_ALREADY = ("already", "not in quarantine", "is not empty", "is no hub any more")
draw = random.Random(SEED)
root = os.path.join(FOLDER, str(SEED))
os.makedirs(root)
journal = open(root + ".log", "w")


class Wrong(Exception):
    pass


def note(*words, sep=" "):
    print(*words, sep=sep, file=journal, flush=True)


def port_free():  # below those that the system draws from
    while True:
        port = random.randrange(10000, 30000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


class Node:
    """One data directory. `life` and `parent` say whether what was kept of it earlier is still of this node."""

    def __init__(self, name, kind, parent):
        self.name, self.kind, self.parent = name, kind, parent
        self.life, self.process, self.is_copied, self.backup, self.snapshot = 0, None, False, None, None
        self.is_followed = False  # another one's figures stand under its name, too
        self.is_by_stick, self.has_quota, self.sleeps_until, self.has_lost = False, False, 0, False
        self.unheard = 0  # so many events were recorded while it sleeps
        self.course, self.subscriptions = None, set()
        self.statements, self.client = [], None  # ids of what a program told with its key, and that key
        self.files = []  # what was imported here in this life under this key
        self.fates, self.clock = None, 0  # a file that says how wrong its clock is (misfortune.c)
        self.pins = {}  # course: version that it stays with

    @property
    def dir(self):
        return os.path.join(root, self.name)

    def mark(self):
        return (self.life, self.parent)

    def environment(self):
        return {**os.environ, "LD_PRELOAD": MISFORTUNE, "MISFORTUNE": self.fates} if self.fates else None

    def has_clock(self, seconds):
        """Its wall clock is so far off from now on, also of a process that runs."""
        if not self.fates and seconds and os.path.exists(MISFORTUNE):
            was_running = bool(self.process)
            self.stop()
            self.fates = f"{root}/fates{world.next()}"
            self.say_clock(seconds, "w")
            if was_running:
                self.start()
        elif self.fates:
            self.say_clock(seconds, "r+")
        world.clock_ahead = max(world.clock_ahead, seconds)

    def say_clock(self, seconds, mode):
        note(f"# {self.name}: its clock is off by {seconds} s")
        with open(self.fates, mode) as out:
            out.write("".join(f"{fate:020d}\n" for fate in (seconds, 0, 0, 0, 0, 0, 0)))

    def run(self, *words, may_fail=False, may_cut=False):
        was_cut = may_cut and draw.random() < CUT
        if was_cut:
            self.cut(words)
        began = time.monotonic()
        done = subprocess.run([QANAT, *words, "--dir", self.dir], capture_output=True, text=True, timeout=300, env=self.environment())
        if time.monotonic() - began > 4:
            note(f"# it took {time.monotonic() - began:.1f} s:", self.name, *words[:2])
        if words[0] not in ("stats", "status", "doctor", "verify"):
            note("$", self.name, *words, "->", done.returncode, (done.stdout[-200:] + done.stderr[-300:]).strip().replace("\n", " | "))
        if done.returncode < 0 or done.returncode > 100:
            raise Wrong(f"{self.name} {' '.join(words)} crashed: {done.returncode} {done.stderr[-1000:]}")
        if was_cut:
            self.is_whole(words)
        if was_cut and any(said in done.stderr for said in DONE_ALREADY):
            done.returncode = 0  # it had done its work when it was killed
        if done.returncode and not may_fail:
            raise Wrong(f"{self.name} {' '.join(words)}: {done.returncode} {done.stderr.strip()}")
        return done

    def is_whole(self, words):
        """Nothing is there by half after a command that was cut."""
        done = subprocess.run([QANAT, "doctor", "--json", "--dir", self.dir], capture_output=True, text=True, timeout=300)
        for finding in json.loads(done.stdout)["findings"] if done.stdout else []:
            if finding["code"].endswith(("_damaged", "_missing", "_unusable", "_unreadable", "_stray", "_wrong", "_open")) and finding["code"] != "clock_wrong":
                raise Wrong(f"{self.name} after {' '.join(words)}: {finding}")

    def cut(self, words):
        """The command once, killed somewhere, or the node that does it, or on a disk that fails."""
        command, environment, is_without_disk = [QANAT, *words, "--dir", self.dir], self.environment(), False
        if not self.process and os.path.exists(MISFORTUNE) and draw.random() < 0.3:
            fates = f"{root}/fates"
            if not os.path.exists(fates):
                with open(fates, "w") as out:
                    out.write("".join(f"{fate:020d}\n" for fate in (0, 1, 0, 0, 0, 0, 0)))  # no sync works
            environment, is_without_disk = {**os.environ, "LD_PRELOAD": MISFORTUNE, "MISFORTUNE": fates}, True
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
        dies = self.process and draw.random() < 0.3  # the running node itself, which does the work
        if not is_without_disk:
            time.sleep(draw.random() ** 2 * 0.25)
        if dies:
            self.stop(signal.SIGKILL)
        elif not is_without_disk:
            process.kill()
        said = process.communicate(timeout=300)[0]
        note("$ node dies:" if dies else "$ no disk:" if is_without_disk else "$ cut:", self.name, *words, "->", process.returncode, said[-200:])
        if dies:
            self.start()
        if is_without_disk and (process.returncode < 0 or process.returncode > 100):
            raise Wrong(f"{self.name} {' '.join(words)} crashed where no sync works: {process.returncode}")

    def start(self):
        for _ in range(20):  # a command may hold the directory for a moment
            with open(self.dir + ".journal", "a") as said:
                self.process = subprocess.Popen([QANAT, "run", "--dir", self.dir], stdout=subprocess.DEVNULL, stderr=said, env=self.environment())
            while self.process.poll() is None:
                if os.path.exists(self.dir + "/qanat.sock"):
                    return
                time.sleep(0.05)
        raise Wrong(f"{self.name} does not start")

    def stop(self, by=signal.SIGTERM):
        if self.process:
            self.process.send_signal(by)
            code = self.process.wait(60)
            self.process = None
            if code not in (0, -by):
                raise Wrong(f"{self.name} ended with {code}")
        if os.path.exists(self.dir + "/qanat.sock"):
            os.unlink(self.dir + "/qanat.sock")

    def halt(self):
        self.stop(draw.choice([signal.SIGTERM, signal.SIGKILL]))

    def web_ports(self):
        self.http = f"127.0.0.1:{port_free()}"
        return f'http = "{self.http}"\ncontent = "127.0.0.1:{port_free()}"\n'

    def keeps_little(self):
        with open(self.dir + "/qanat.conf") as conf:
            lines = [line for line in conf if not line.startswith(("ballast_mib", "disk_floor_mib"))]
        with open(self.dir + "/qanat.conf", "w") as out:
            out.write("".join(lines) + "ballast_mib = 2\ndisk_floor_mib = 4\n")

    def listen_address(self):
        with open(self.dir + "/qanat.conf") as conf:
            return [line.split('"')[1] for line in conf if line.startswith("listen")][0]

    def loses_link(self):
        """Nobody is reached from here: sticks alone go to and fro."""
        with open(self.dir + "/qanat.conf") as conf:
            lines = [line for line in conf if not line.startswith("uplink")]
        with open(self.dir + "/qanat.conf", "w") as out:
            out.write("".join(lines) + 'uplink = "tcp://127.0.0.1:1"\n')
        self.is_by_stick = True

    def exchange(self):
        """A stick to the node above, and one back."""
        above, path = world.nodes[self.parent], f"{root}/stick{world.next()}"
        for giver, taker, stick in ((self, above, path + "up"), (above, self, path + "down")):
            if giver.run("bundle", "export", "--for", taker.name, stick, may_fail=True, may_cut=True).returncode:
                return 1
            if taker.run("bundle", "import", stick, may_fail=True, may_cut=True).returncode:
                return 1
            world.sticks.append(stick)
        return 0

    def sync(self):
        if self.is_by_stick:
            return self.exchange()
        done = self.run("sync", "--now", "--timeout", "60", may_fail=True, may_cut=True)
        if done.returncode == 69 and "another key" in done.stderr and self.kind == "campus":  # as its doctor says (uplink_key)
            self.run("sync", "--now", "--peer", world.hub.name, may_fail=True)
            if os.path.exists(world.nodes[self.parent].dir + "/node.key.next"):
                world.nodes[self.parent].sync()
            done = self.run("sync", "--now", "--timeout", "60", may_fail=True)
        if done.returncode == 69 and "roster there" in done.stderr and self.parent:  # one above is of a backup: a stick tells it
            above, stick = world.nodes[self.parent], f"{root}/told{time.monotonic_ns()}"
            self.run("bundle", "export", "--for", above.name, "--whole", stick)
            above.run("bundle", "import", stick, may_fail=True)
            done = self.run("sync", "--now", "--timeout", "60", may_fail=True)
        is_unknown = done.returncode == 69 and ("roster there" in done.stderr or "another key" in done.stderr)
        if is_unknown and os.path.exists(self.dir + "/node.key.next"):  # as its doctor says (key_before)
            was_running = bool(self.process)
            self.stop()
            os.replace(self.dir + "/node.key.next", self.dir + "/node.key")
            if was_running:
                self.start()
            done = self.run("sync", "--now", "--timeout", "60", may_fail=True)
        return 0 if "all but courses" in done.stderr else done.returncode

    def sync_up(self):
        """What it recorded is at the hub."""
        node = self
        while node is not world.hub:
            for _ in range(40):
                if node.sync() == 0:
                    break
                time.sleep(0.25)
            else:
                raise Wrong(f"{node.name} does not come in step")
            node = world.nodes[node.parent]

    def invite(self, *words, may_fail=False):
        return self.run("invite", *words, may_fail=may_fail).stdout.strip()

    def has_people(self):
        self.run("person", "import", root + "/people.csv")

    def subscribe_again(self):
        self.pins = {}
        for course in sorted(self.subscriptions):
            self.run("course", "subscribe", course)


class World:
    def __init__(self):
        self.nodes, self.hub, self.serial, self.recorded, self.copies, self.step = {}, None, 0, 0, 0, 0
        self.keys, self.generation = [root + "/authority.key"], 0  # who speaks for the federation
        self.minutes = {}       # (node, session): how long
        self.facts = set()      # (node, kind, person, course or session): each counts one
        self.learners = []      # [node, person, launch, seq, is_done]
        self.courses = {}       # id: (publisher, [(version, sha256, path)])
        self.shared, self.mirror = {}, None  # version: sha256, of the course that several publish; a web server
        self.certificates, self.revoked = [], set()  # [node, number, path]; numbers
        self.sticks, self.quarantined, self.is_hub_alone = [], {}, False
        self.clock_ahead = 0    # the furthest that a clock was ever off
        self.port = None        # of a hub of an older version
        self.hub_has_own = False  # results of its own, which nobody else has

    def next(self):
        self.serial += 1
        return self.serial

    def add(self, name, kind, parent):
        node = self.nodes[name] = Node(name, kind, parent)
        node.run("init", "--name", name, "--kind", kind, "--country", "EG", *([] if kind == "campus" else ["--listen", f"tcp://127.0.0.1:{port_free()}"]))
        if kind == "campus":
            with open(node.dir + "/qanat.conf", "a") as out:
                out.write(node.web_ports())
        if parent:
            node.run("join", self.nodes[parent].invite("--name", name, "--kind", kind, "--country", "EG"))
        node.keeps_little()
        if kind != "campus":
            node.start()
        node.has_people()
        return node

    def every(self):
        return list(self.nodes.values())

    def all(self):  # but who sleeps
        return [node for node in self.nodes.values() if not node.sleeps_until]

    def of_kind(self, kind):
        return [node for node in self.all() if node.kind == kind]

    def heard(self):
        """So many events were imported where nobody sleeps."""
        return self.recorded - sum(node.unheard for node in self.every())

    def has_sleepers(self, node):
        """Somebody below it sleeps, whose figures nobody may have but it."""
        return any(other.sleeps_until and other.parent == node.name for other in self.every())

    def authority(self):
        return [word for key in self.keys for word in ("--key", key)]

    def any(self, kind):
        return draw.choice(self.of_kind(kind))

    def renamed(self, node, name):
        """It goes on as another node, with what it has."""
        former, before = node.name, node.dir
        del self.nodes[former]
        node.name, node.files, node.life, node.course = name, [], node.life + 1, None
        os.rename(before, node.dir)
        self.nodes[name] = node
        self.facts = {(name, *fact[1:]) if fact[0] == former else fact for fact in self.facts}
        self.minutes = {(name, *key[1:]) if key[0] == former else key: value for key, value in self.minutes.items()}

    def has_new_identity(self, node):
        """What it signed as the one before is not to be believed any more: that one was revoked. A certificate that was revoked stays so."""
        node.has_lost = True
        self.certificates = [certificate for certificate in self.certificates if certificate[0] is not node or certificate[1] in self.revoked]

    def settle(self):
        for node in self.of_kind("campus") + self.of_kind("national"):
            node.sync_up()


world = World()
