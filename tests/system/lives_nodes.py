"""lives_nodes.py: what happens to the machines, keys and places of a federation; for lives.py."""
import os, shutil, signal, subprocess, tarfile, time

from lives_kit import QANAT, Node, Wrong, draw, port_free, root, world
from lives_work import imports

CAMPUSES_MAX = 6


def syncs():
    draw.choice(world.of_kind("campus") + world.of_kind("national")).sync()


def is_killed():
    node = draw.choice([world.hub] + world.of_kind("national"))
    node.halt()
    node.start()


def runs_or_not():
    node = world.any("campus")
    if node.process:
        node.halt()
    else:
        node.start()


def dies_in_session():
    node = world.any("campus")
    above = world.nodes[node.parent]
    process = subprocess.Popen([QANAT, "sync", "--now", "--timeout", "5", "--dir", node.dir], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(draw.random() ** 2 * 0.4)
    above.stop(signal.SIGKILL)
    if draw.random() < 0.5:
        process.kill()
    process.wait()
    above.start()


def pauses():
    node = draw.choice(world.all())
    node.run("sync", "pause")
    draw.choice([other for other in world.all() if other is not node and other.parent]).sync()
    node.run("sync", "resume")


def has_windows():
    node = world.any("campus")
    if draw.random() < 0.5:
        node.run("window", "remove", "1", may_fail=True)
    else:
        peer = draw.choice([[], [], ["--peer", node.parent]])
        node.run("window", "add", draw.choice(["03:00-03:01", "mon 04:00-04:10 rate 1M quota 1G", "always rate 2M", "always for results"]), *peer, may_cut=True)


# --- older states ---


def older_state(schema):
    """A hub and a campus as a program of that schema left them (tests/golden), run by this one from now on."""
    with tarfile.open(os.path.join(os.path.dirname(os.path.abspath(__file__)), f"../golden/schema-{schema}.tar.gz")) as kept:
        kept.extractall(root)
    for name, kind, parent in (("hub", "hub", None), ("campus", "campus", "hub")):
        node = world.nodes[name] = Node(name, kind, parent)
        with open(node.dir + "/qanat.conf") as conf:
            lines = [line for line in conf if not line.startswith(("listen", "uplink"))]
        address = f"{'uplink' if parent else 'listen'} = \"{address_of_hub()}\"\n"
        with open(node.dir + "/qanat.conf", "w") as out:
            out.write("".join(lines) + address + (node.web_ports() if parent else ""))
        node.keeps_little()
        node.run("window", "remove", "1", may_fail=True)
        if not parent:
            node.start()
        node.has_people()
        node.has_lost = True  # what is known of its people is theirs
    world.hub, world.hub_has_own = world.nodes["hub"], True


def address_of_hub():
    world.port = world.port or port_free()
    return f"tcp://127.0.0.1:{world.port}"


def backs_up():
    node = draw.choice(world.all())
    node.backup = (f"{root}/{node.name}.backup", node.mark())
    if os.path.exists(node.backup[0]):
        os.unlink(node.backup[0])
    node.run("backup", node.backup[0], may_cut=True)


def is_restored():  # after what it recorded was heard: what nobody heard is lost with a disk
    able = [node for node in world.all() if node.backup and node.backup[1] == node.mark() and not world.has_sleepers(node)]
    if not able:
        return
    node = draw.choice(able)
    if node is world.hub and world.is_hub_alone:
        return
    if node is world.hub:
        world.settle()
    node.sync_up()
    was_running = bool(node.process)
    node.stop()
    shutil.rmtree(node.dir)
    node.has_lost = True
    node.run("restore", node.backup[0], may_cut=True)
    node.subscribe_again()
    if was_running:
        node.start()


def is_put_back():  # its files, as somebody copies them by hand
    node = draw.choice(world.of_kind("campus") * 2 + world.of_kind("national"))
    kept = node.dir + ".kept"
    was_running = bool(node.process)
    if node.snapshot == node.mark() and not world.has_sleepers(node) and draw.random() < 0.6:
        node.sync_up()
        node.halt()
        shutil.rmtree(node.dir)
        shutil.copytree(kept, node.dir)
        node.has_lost = True
        node.subscribe_again()
    else:
        node.halt()
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(node.dir, kept)
        node.snapshot = node.mark()
    if was_running:
        node.start()


# --- places and keys ---


def moves():
    node = world.any("campus")
    to = draw.choice([centre for centre in world.of_kind("national") if centre.name != node.parent] or [world.hub])
    node.sync_up()  # whoever invites it has to know whether it changed its key
    comes_below(node, to)


def centre_moves():
    node, to = world.any("national"), draw.choice(world.of_kind("national") + [world.hub])
    at = to
    while at.parent and at is not node:
        at = world.nodes[at.parent]
    if at is not node and to.name != node.parent:
        node.sync_up()
        comes_below(node, to)


def comes_below(node, to):
    """False where it may not: it took a lost one's place, it changed its keys, the authority put it there, it is not known there yet."""
    token = to.invite("--moves", node.name, may_fail=True)
    if not token:
        return False
    was_running = bool(node.process)
    node.halt()
    node.run("join", token, may_cut=True)
    node.parent, node.is_by_stick = to.name, False
    node.life += node.kind != "campus"
    if was_running:
        node.start()
    return True


def becomes_another(node, above, letter):
    """It gets a key and a name of its own; what was heard of it stays that of the node before."""
    node.halt()
    world.copies += 1
    name = f"{letter}{world.copies}"
    node.run("rekey", above.invite("--name", name, "--kind", "campus", "--country", "EG"), "--leave-results", may_cut=True)
    node.is_by_stick = False
    world.has_new_identity(node)
    world.renamed(node, name)


def is_put_out():
    node = world.any("campus")
    if node.name in world.quarantined:
        return
    node.sync_up()
    node.halt()
    above = world.nodes[node.parent]
    if draw.random() < 0.3:  # by the presidents, at the hub
        done = world.hub.run("authority", "revoke", node.name, *world.authority(), may_fail=True, may_cut=True)
        if above is not world.hub and above.sync():
            world.settle()
    else:
        done = above.run("peer", "revoke", node.name, may_fail=True, may_cut=True)
    if done.returncode:
        return
    if draw.random() < 0.5:
        becomes_another(node, above, "y")
        return
    for _ in range(draw.randrange(3)):  # by mistake: what it recorded meanwhile counts, too
        imports(node)
    node.run("rekey", above.invite("--replaces", node.name), may_cut=True)
    node.files, node.life, node.course = [], node.life + 1, None
    node.is_followed, node.is_by_stick = True, False
    world.has_new_identity(node)


def is_copied():
    if len(world.of_kind("campus")) >= CAMPUSES_MAX:
        return
    node = world.any("campus")
    node.halt()
    world.copies += 1
    copy = Node(f"x{world.copies}", "campus", node.parent)
    shutil.copytree(node.dir, copy.dir)
    with open(copy.dir + "/qanat.conf") as conf:
        lines = [line for line in conf if not line.startswith(("http", "content"))]
    with open(copy.dir + "/qanat.conf", "w") as out:
        out.write("".join(lines) + copy.web_ports())
    for writer in (copy, node):
        if draw.random() < 0.7:
            imports(writer)
    for writer in (node, copy):
        if draw.random() < 0.5:
            writer.sync()
    if draw.random() < 0.5:
        imports(copy)
    for _ in range(10):
        token = world.nodes[node.parent].invite("--name", copy.name, "--kind", "campus", "--country", "EG")
        if copy.run("rekey", token, may_fail=True).returncode == 0:
            break
        time.sleep(1)
    else:
        raise Wrong(f"{copy.name} gets no key of its own")
    copy.pins, copy.files, copy.subscriptions, copy.has_lost, node.is_copied = {}, [], set(node.subscriptions), True, True
    world.nodes[copy.name] = copy
    copy.sync()
    world.nodes[node.parent].run("peer", "settle", node.name, may_fail=True)


def turns_key():  # what a copy says with the key that is given up counts no more: a thief would, too
    turns_key_of(draw.choice(world.of_kind("campus") * 2 + world.of_kind("national") + [world.hub]))


def turns_key_of(node):
    if node.is_copied or os.path.exists(node.dir + "/node.key.next"):
        return
    if node is not world.hub:
        node.sync_up()
    if node.run("key", "rotate", may_fail=True, may_cut=True).returncode == 0:
        if node is world.hub:
            node.run("key", "admit", node.name, *world.authority(), may_fail=True, may_cut=True)
        else:
            node.sync()
            world.nodes[node.parent].run("key", "admit", node.name, may_fail=True, may_cut=True)
            node.sync()
            node.sync()
        node.life += 1


# --- lost machines ---


def takes_place(node, above, *key):
    """A new machine under its name."""
    token = above.invite("--replaces", node.name)
    listen = ["--listen", node.listen_address()] if node.kind != "campus" else []
    shutil.rmtree(node.dir)
    node.run("join", token, *listen, *key, may_cut=True)
    node.life += 1
    node.is_by_stick, node.has_quota, node.client, node.has_lost = False, False, None, True
    node.keeps_little()
    node.is_followed = node.is_followed or not key
    if not key:
        world.has_new_identity(node)
    node.course = node.course if key else None
    node.has_people()
    node.subscribe_again()


def some_key(node):  # but one that waits to be given up
    if os.path.exists(node.dir + "/node.key.next"):
        return []
    shutil.copy(node.dir + "/node.key", node.dir + ".key")
    return ["--key", node.dir + ".key"] if draw.random() < 0.5 else []


def is_rebuilt():  # after what it recorded was heard; files may be imported again before it met anybody
    node = world.any("campus")
    if node.name in world.quarantined:
        return
    node.sync_up()
    node.halt()
    takes_place(node, world.nodes[node.parent], *some_key(node))
    with open(node.dir + "/qanat.conf", "a") as out:
        out.write(node.web_ports())
    if draw.random() < 0.5:
        node.sync()
    for path in draw.sample(node.files, min(3, len(node.files))):
        node.run("result", "import", path)
    node.sync()


def centre_is_lost():
    node = world.any("national")
    below = [other for other in world.every() if other.parent == node.name]
    has_centres = any(other.kind != "campus" for other in below)
    if world.has_sleepers(node) or node.name in world.quarantined or has_centres or world.nodes[node.parent] is not world.hub:
        return
    world.settle()
    node.stop()
    key = some_key(node)
    takes_place(node, world.hub, *key)
    node.start()
    for campus in below:
        campus.halt()
        if not key and not comes_below(campus, node):
            becomes_another(campus, node, "z")
            world.is_hub_alone = True  # it has what was left under the former name: no machine with that name is there, and the centre above it is lost
    for path in draw.sample(node.files, min(3, len(node.files))):
        node.run("result", "import", path)


def is_promoted():
    former, new = world.hub, world.any("national")
    world.settle()
    if new.run("promote", new.name, *world.authority(), "--old-hub", "national", may_fail=True, may_cut=True).returncode == 0:
        hub_becomes(new, former, [node for node in world.of_kind("national") if node.parent == former.name])


def hub_becomes(new, former, moved):
    for node in moved:
        node.parent = new.name
    world.hub, new.kind, new.parent, former.kind, former.parent = new, "hub", None, "national", new.name
    for node in world.every():
        node.life += 1


def hub_is_lost():
    former, new = world.hub, world.any("national")
    if world.quarantined or world.is_hub_alone or world.hub_has_own or world.has_sleepers(former):
        return
    for _ in range(2):
        world.settle()
    former.stop()
    os.rename(former.dir, former.dir + ".lost")
    done = new.run("promote", new.name, *world.authority(), "--old-hub", "lost", may_fail=True, may_cut=True)
    os.rename(former.dir + ".lost", former.dir)
    if done.returncode:
        former.start()
        return
    hub_becomes(new, former, [node for node in world.every() if node.parent == former.name])
    if draw.random() < 0.5:  # it is found again, and a stick tells it the news
        former.start()
        new.run("bundle", "export", "--for", former.name, f"{root}/news{world.next()}")
        former.run("bundle", "import", f"{root}/news{world.serial}")
    else:
        takes_place(former, new)
        former.start()


# --- figures set aside ---


def is_set_aside():
    node = draw.choice(world.of_kind("campus") + world.of_kind("national"))
    by = world.nodes[node.parent] if draw.random() < 0.6 else world.hub
    if node.name not in world.quarantined and not node.is_followed:
        if by.run("peer", "quarantine", node.name, may_fail=True, may_cut=True).returncode == 0:
            world.quarantined[node.name] = by.name


def is_released():
    for name in list(world.quarantined):
        by = world.nodes.get(world.quarantined.pop(name), world.hub)
        if by.run("peer", "release", name, may_fail=True, may_cut=True).returncode:
            world.settle()
            done = world.hub.run("peer", "release", name, may_fail=True)
            if done.returncode and "not in quarantine" not in done.stderr:
                raise Wrong(f"{name} is not released: {done.stderr}")


# --- sticks ---


def goes_by_stick():
    node = world.any("campus")
    above = world.nodes[node.parent]
    stick = f"{root}/stick{world.next()}"
    for giver, taker in ((node, above), (above, node)):
        if giver.run("bundle", "export", "--for", taker.name, stick + giver.name, may_fail=True).returncode == 0:
            taker.run("bundle", "import", stick + giver.name, may_cut=True)
            world.sticks.append(stick + giver.name)


def goes_astray():
    """A stick comes late, to somebody else, or again."""
    giver, taker = draw.sample(world.all(), 2)
    path = f"{root}/stick{world.next()}"
    if giver.run("bundle", "export", "--for", taker.name, path, *draw.choice([[], ["--whole"], ["--max", "40K"]]), may_fail=True, may_cut=True).returncode == 0:
        world.sticks.append(path)
    for stick in draw.sample(world.sticks, min(2, len(world.sticks))):
        draw.choice(world.all()).run("bundle", "import", stick, may_fail=True, may_cut=True)


def keys_turn_on_the_way():
    """A stick was made, then its giver's or its taker's key is another one; then it comes."""
    node = world.any("campus")
    above = world.nodes[node.parent]
    giver, taker = draw.choice([(node, above), (above, node)])
    if giver is node and draw.random() < 0.7:
        imports(node)
    path = f"{root}/stick{world.next()}"
    if giver.run("bundle", "export", "--for", taker.name, path, *draw.choice([[], ["--whole"]]), may_fail=True).returncode:
        return
    turns_key_of(draw.choice([node, node, above]))
    taker.run("bundle", "import", path, may_fail=True, may_cut=True)
    world.sticks.append(path)
