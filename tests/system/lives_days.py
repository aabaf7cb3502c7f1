"""lives_days.py: clocks that jump or begin in 1971, quotas that are spent within a sync until the next day, plans; for lives.py."""
import json, os

import lives_work as work
from lives_kit import MISFORTUNE, Wrong, draw, note, world

DAY = 24 * 3600


def clock_jumps():
    """By an hour, a day, to 1971, of a process that runs or not; or it is set right."""
    node = draw.choice(world.all())
    is_off = node.fates and node.clock
    node.clock = 0 if is_off else draw.choice([-DAY, DAY, -3600, 3600, -40 * DAY, -55 * 365 * DAY])
    node.has_clock(node.clock)


def clocks_end():
    for node in world.every():
        node.clock = 0
        node.has_clock(0)


def spends_quota():
    """A line that is paid by the day: what it lets through today comes today, the rest on the days that follow; in the end it is in step."""
    able = [node for node in world.of_kind("campus") if not node.is_by_stick]
    if not able or not os.path.exists(MISFORTUNE):
        return
    node = draw.choice(able)
    was_running = bool(node.process)
    node.halt()
    windows_end(node)
    node.run("window", "add", f"always quota {draw.choice(['20k', '60k', '1M'])} per day")
    for _ in range(draw.randrange(1, 4)):
        work.imports(node)
    days = range(-40, 1)
    for day in days:
        node.clock = day * DAY
        node.has_clock(node.clock)
        code = node.run("sync", "--timeout", "20", may_fail=True).returncode
        if code not in (0, 69, 75):
            raise Wrong(f"{node.name} within a quota: {code}")
        if code == 0 or gone(node) == 0:
            break
    else:
        raise Wrong(f"{node.name} has not brought its results in {len(days)} days of a quota")
    node.clock = 0
    node.has_clock(0)
    windows_end(node)
    if was_running:
        node.start()


def windows_end(node):
    for window in reversed(json.loads(node.run("window", "list", "--json").stdout)["windows"]):
        node.run("window", "remove", str(window["number"]))


def gone(node):
    status = json.loads(node.run("status", "--json").stdout)
    return sum(peer["they_lack"]["cells"] for peer in status["peers"] if peer["node"] == node.parent)


def plans():
    """What is said to move is what moves: nothing, once it is in step."""
    node = draw.choice([node for node in world.of_kind("campus") + world.of_kind("national") if not node.is_by_stick])
    before = planned(node)
    if node.sync():
        return
    after = planned(node)
    if after["up"]["cells"] or after["down"]["cells"]:
        raise Wrong(f"{node.name} is in step, and plans {after}; before {before}")


def planned(node):
    for peer in json.loads(node.run("sync", "--plan", "--json").stdout)["peers"]:
        if peer["node"] == node.parent:
            return peer
    return {"up": {"cells": 0}, "down": {"cells": 0}}


def rests():
    """Paused, it says so and does not sync; what it recorded goes afterwards."""
    node = draw.choice([node for node in world.of_kind("campus") if not node.is_by_stick] or [world.hub])
    if node is world.hub:
        return
    node.run("sync", "pause", may_cut=True)
    work.imports(node)
    code = node.run("sync", "--timeout", "20", may_fail=True).returncode
    status = json.loads(node.run("status", "--json").stdout)
    if code != 75 or status["state"] not in ("waiting", "in_step", "offline"):
        raise Wrong(f"{node.name} is paused, and sync ends with {code}: {status['sentence']}")
    note("#", status["sentence"])
    node.run("sync", "resume", may_cut=True)
