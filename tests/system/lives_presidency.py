"""lives_presidency.py: the authority is handed on, another node becomes the hub, some sleep through it or have sticks alone; for lives.py."""
import json, os, shutil, subprocess

import lives_work as work
from lives_kit import QANAT, Node, Wrong, draw, note, root, world
from lives_nodes import CAMPUSES_MAX, hub_becomes


def key_new():
    path = f"{root}/president{world.next()}.key"
    return path, subprocess.run([QANAT, "authority", "new-key", path], capture_output=True, text=True, check=True).stdout.strip()


def hands_on():
    """Next year's presidents: one to three of them, of whom some or all must sign. A paper goes round, or all keys are at hand. Who writes it has heard what
    the presidents before said: else that is without effect. (What came up last, only a second round brings to all others.)"""
    for _ in range(2):
        world.settle()
    at = draw.choice([world.hub, draw.choice(world.all())])
    keys = [key_new() for _ in range(draw.randrange(1, 4))]
    threshold = draw.randrange(1, len(keys) + 1)
    words = ["authority", "propose", "--keys", ",".join(public for _, public in keys), "--threshold", str(threshold), *world.authority()]
    if draw.random() < 0.5:
        signed = [word for path, _ in keys for word in ("--key", path)]
        at.run(*words, *signed, may_fail=True, may_cut=True)
    else:
        paper = f"{root}/paper{world.next()}"
        done = at.run(*words, "--out", paper, may_fail=True)
        if done.returncode == 0:
            for path, _ in keys:
                subprocess.run([QANAT, "authority", "sign", paper, "--key", path], capture_output=True, check=True)
            at = draw.choice(world.all())
            at.run("authority", "publish", paper, may_fail=True, may_cut=True)
    if generation_at(at) > world.generation:  # it may have been cut, and be done
        world.generation += 1
        world.keys = [path for path, _ in keys][:threshold] if draw.random() < 0.5 else [path for path, _ in keys]


def generation_at(node):
    return json.loads(node.run("authority", "show", "--json", may_fail=True).stdout)["generation"]


def is_trusted():
    draw.choice(world.all()).run("authority", "trust", may_fail=True, may_cut=True)


def is_promoted_anywhere():
    """At a node that is no hub before nor after, of whom many have not told their news yet; the hub before stays one for a while."""
    former, new = world.hub, world.any("national")
    at = draw.choice([new, former, draw.choice(world.all())])
    old = ["--old-hub", "national"] if draw.random() < 0.5 else []
    at.sync_up()  # who has not heard of the present one would promote against the one before
    if at.run("promote", new.name, *world.authority(), *old, may_fail=True, may_cut=True).returncode:
        return
    hub_becomes(new, former, [node for node in world.every() if node.parent == former.name and node.kind != "campus"])
    if draw.random() < 0.5 and at.parent:
        at.sync()
    if not old:
        for _ in range(draw.randrange(3)):
            work.imports(draw.choice([node for node in world.all() if node is not world.hub]))
        world.settle()
        new.run("demote", former.name, "--kind", "national", *world.authority(), may_cut=True)


def hub_goes_back():
    """A hub is followed by another one, and then put back to its files of before: it finds the way below that by itself."""
    former, new = world.hub, world.any("national")
    world.settle()
    if world.has_sleepers(former):
        return
    kept = former.dir + ".reign"
    former.halt()
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(former.dir, kept)
    former.start()
    for _ in range(draw.randrange(3)):
        work.imports(draw.choice([node for node in world.all() if node is not world.hub]))
    world.settle()
    if new.run("promote", new.name, *world.authority(), "--old-hub", "national", may_fail=True, may_cut=True).returncode:
        return
    hub_becomes(new, former, [node for node in world.of_kind("national") if node.parent == former.name])
    world.settle()
    former.halt()
    shutil.rmtree(former.dir)
    os.rename(kept, former.dir)
    former.has_lost = True
    former.subscribe_again()
    if draw.random() < 0.5:
        former.sync_up()
    former.start()


# --- who is away meanwhile ---


def sleeps():
    """A campus is closed for the holidays: what it recorded before was heard."""
    node = world.any("campus")
    if len(world.of_kind("campus")) < 3 or node.is_copied or node.name in world.quarantined:
        return
    node.sync_up()
    node.halt()
    node.sleeps_until = world.step + draw.randrange(4, 30)


def wakes():
    for node in world.every():
        if node.sleeps_until and world.step >= node.sleeps_until:
            note(f"# {node.name} wakes")
            node.sleeps_until = node.unheard = 0
            for _ in range(draw.randrange(3)):
                work.imports(node)
            if draw.random() < 0.5:
                node.start()


# --- sticks alone ---


def joins_by_stick():
    if len(world.of_kind("campus")) >= CAMPUSES_MAX:
        return
    above = draw.choice(world.of_kind("national"))
    world.copies += 1
    node = Node(f"s{world.copies}", "campus", above.name)
    invitation = f"{root}/{node.name}.invitation"
    above.run("invite", "--name", node.name, "--kind", "campus", "--country", "EG", "--file", invitation)
    node.run("join", "--file", invitation, may_cut=True)
    node.loses_link()
    with open(node.dir + "/qanat.conf", "a") as out:
        out.write(node.web_ports())
    world.nodes[node.name] = node
    node.has_people()


def sticks_cross():
    """Several sticks each way, taken in in any order, some of them again, one for somebody else."""
    node = world.any("campus")
    above = world.nodes[node.parent]
    made = []
    for _ in range(draw.randrange(2, 5)):
        giver, taker = draw.choice([(node, above), (above, node)])
        if giver is node and draw.random() < 0.7:
            work.imports(node)
        path = f"{root}/stick{world.next()}"
        giver.run("bundle", "export", "--for", taker.name, path, *draw.choice([[], [], ["--whole"], ["--max", "30K"]]), may_cut=True)
        made.append((taker, path))
        world.sticks.append(path)
    draw.shuffle(made)
    for taker, path in made + draw.sample(made, 1):
        done = taker.run("bundle", "import", path, may_fail=True, may_cut=True)
        if done.returncode and "gave up since" not in done.stderr:  # whose new key was admitted meanwhile
            raise Wrong(f"{taker.name} does not take {path}: {done.stderr}")
    draw.choice(world.all()).run("bundle", "import", draw.choice(made)[1], may_fail=True)
