"""lives_people.py: people who move between nodes, and are erased where they were, also while that node is away; for lives.py."""
import json

import lives_work as work
from lives_kit import KINDS, SEED, Wrong, draw, root, world


def results_of(node, person):
    """Some of its own, under an id of this node."""
    number = world.next()
    path, count = f"{root}/results{number}.csv", draw.randrange(1, 5)
    with open(path, "w") as out:
        out.write("event_id,person,course,kind,at,score,minutes\n" + "".join(
            f"{SEED}-{number}-{i},{person},c{i},{draw.choice(KINDS)},2026-{draw.randrange(1, 10):02d}-03T10:00:00Z,,5\n" for i in range(count)))
    said = json.loads(node.run("result", "import", path, "--json", may_cut=True).stdout)
    if said["durable"] + said["duplicate"] != count:
        raise Wrong(f"{node.name} takes {count} events of {person} as {said}")
    world.recorded += count
    return path


def person_moves():
    """With one id from here to there and perhaps back; what was done stays counted where it was done, also when the person is erased there, and
    the file is imported once more after that."""
    here, there = draw.sample([node for node in world.all() if node is not world.hub], 2)
    person = f"m{world.next()}"
    for node in (here, there, here)[:draw.randrange(2, 4)]:
        node.run("person", "add", "--id", person, "--name", "Mover " + person, "--gender", "female", may_cut=True)
        path = results_of(node, person)
        if draw.random() < 0.3:
            node.sync() if node.parent else None
        if draw.random() < 0.4:
            node.run("person", "erase", person, may_cut=True, may_fail=True)
            if draw.random() < 0.5:  # nobody is known by that id, or it was counted
                node.run("result", "import", path, may_fail=True)


def erased_away():
    """Where nobody comes by for months people leave all the same."""
    away = [node for node in world.every() if node.sleeps_until]
    if not away:
        return
    node = draw.choice(away)
    person = f"m{world.next()}"
    node.run("person", "add", "--id", person, "--name", "Away " + person, "--gender", "male", may_cut=True)
    before = world.recorded
    results_of(node, person)
    node.unheard += world.recorded - before
    node.run("person", "erase", person, may_cut=True, may_fail=True)
    if draw.random() < 0.5:
        node.run("person", "erase", draw.choice(["p3", "p4"]), may_fail=True, may_cut=True)
        node.run("person", "import", root + "/people.csv", may_cut=True)


def registered_is_exact():
    """Who is registered at a node that never lost its database is counted once, at the hub, too; merged people are one."""
    at_hub = work.rows_by_node(world.hub)
    for node in world.all():
        if node.has_lost or node.is_copied or node.is_followed or node.name not in at_hub:
            continue
        people = json.loads(node.run("person", "list", "--json").stdout)["total"]
        if at_hub[node.name]["registered"] != people:
            yield f"{node.name} has {people} people, and the hub counts {at_hub[node.name]['registered']} registered"
