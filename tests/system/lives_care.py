"""lives_care.py: several commands at one node at once, looks that change nothing, groups that come and go; for lives.py."""
import json, os, subprocess

import lives_work as work
from lives_kit import QANAT, Wrong, draw, note, root, world

LOOKS = ("person search Learner", "cohort list", "audit list", "digest", "course verify", "peer list", "key show", "authority show", "credential list",
         "window list", "mirror list", "course subscriptions", "stats --by period,gender", "stats --published", "stats --by course,version,role", "bundle key",
         "status", "course clean --dry-run", "person import --dry-run " + root + "/people.csv", "sync --plan", "help", "version")
BESIDE = ("backup {}", "course clean", "course clean --relayed", "scrub", "verify", "stats", "seal 2026-04", "person import " + root + "/people.csv",
          "bundle export --for {hub} {}", "sync --now --timeout 30", "sync --now --timeout 30", "doctor", "course verify")


def looks():
    """What only tells works everywhere, whatever happened to the node."""
    node = draw.choice(world.all())
    for words in draw.sample(LOOKS, 5):
        done = node.run(*words.split(), may_fail=True)
        if done.returncode and not (words == "sync --plan" and done.returncode in (69, 75)) and words not in ("help", "version"):
            raise Wrong(f"{node.name} {words}: {done.returncode} {done.stderr}")


def meets():
    """Any two may come in step, where one of them has an address."""
    node, other = draw.sample(world.all(), 2)
    done = node.run("sync", "--now", "--timeout", "20", "--peer", other.name, may_fail=True, may_cut=True)
    if done.returncode not in (0, 69, 75) and "no address" not in done.stderr and "no node" not in done.stderr:
        raise Wrong(f"{node.name} meets {other.name}: {done.returncode} {done.stderr}")


def all_at_once():
    """Commands of several people at one node at once: each does its work, or says that it is to come again."""
    node = draw.choice([node for node in world.all() if node is not world.hub])
    path, count = work.results_make(draw.choice([20, 200, 3000]))
    asked = [("result", "import", path)]
    for words in draw.sample(BESIDE, draw.randrange(2, 5)):
        asked.append(tuple(words.format(f"{root}/beside{world.next()}", hub=world.hub.name).split()))
    running = [(words, subprocess.Popen([QANAT, *words, "--dir", node.dir], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        env=node.environment())) for words in asked]
    for words, process in running:
        said = process.communicate(timeout=300)[0]
        note("$ beside:", node.name, *words, "->", process.returncode, said[-200:].strip().replace("\n", " | "))
        if process.returncode not in (0, 1, 69, 75) or (process.returncode == 1 and words[0] not in ("bundle", "scrub", "doctor", "sync")):
            raise Wrong(f"{node.name} beside others, {' '.join(words)}: {process.returncode} {said}")
    said = json.loads(node.run("result", "import", path, "--json").stdout)
    if said["durable"] + said["duplicate"] != count:
        raise Wrong(f"{node.name} takes {count} events as {said}")
    world.recorded += count
    node.files.append(path)
    for name in os.listdir(root):
        if name.startswith("beside"):
            os.unlink(os.path.join(root, name))


def group_comes_and_goes():
    """A cohort with corrections, which is let go of: what was counted stays counted."""
    node = draw.choice([node for node in world.all() if node is not world.hub])
    name, people = f"group{world.next()}", [f"g{world.next()}" for _ in range(3)]
    for person in people:
        node.run("person", "add", "--id", person, "--name", "Group " + person, "--gender", "female", may_cut=True)
    node.run("cohort", "new", name, "--course", "c7", may_cut=True)
    node.run("cohort", "add", name, *people, may_cut=True)
    world.facts |= {(node.name, "enrolled", person, name) for person in people}
    node.run("cohort", "set", name, "--title", "A group", "--starts", "2026-09-01", may_cut=True)
    for session in ("2026-09-0%d" % day for day in range(1, draw.randrange(2, 4))):
        present = draw.sample(people, 2)
        node.run("cohort", "attend", name, session, *present, "--minutes", "60", may_cut=True)
        absent = present[:draw.randrange(2)]
        if absent:
            node.run("cohort", "attend", name, session, *absent, "--absent", may_cut=True)
        world.facts |= {(node.name, "attended", person, name + session) for person in present if person not in absent}
    if draw.random() < 0.5:
        node.sync() if node.parent else None
    for is_undone in draw.choice([[], [False], [False, True], [False, True, False]]):
        node.run("cohort", "complete", name, people[0], "--reason", "seen", *(["--undo"] if is_undone else []), may_cut=True)
        fact = (node.name, "completed", people[0], name)
        world.facts.discard(fact) if is_undone else world.facts.add(fact)
    node.run("cohort", "progress", name)
    if draw.random() < 0.5:
        node.run("cohort", "remove", name, may_cut=True)
    if draw.random() < 0.3:
        node.run("person", "erase", people[1], may_cut=True, may_fail=True)
