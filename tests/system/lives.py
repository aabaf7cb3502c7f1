#!/usr/bin/env python3
"""Lives of a small federation of real processes, drawn from a seed: lives.py QANAT FOLDER SEED STEPS
A hub, two centres and three campuses, which run or are started for a sync only. People import results, learn in the browser, decide, publish and
subscribe, programs tell statements (lives_work.py); machines are killed, put back, copied, lost, moved, get other keys, another hub (lives_nodes.py); the
authority is handed on, some sleep through it or have sticks alone (lives_presidency.py); disks run full (lives_disk.py); clocks jump, quotas are spent
(lives_days.py); people move and are erased (lives_people.py); courses come from mirrors, neighbours and small sticks (lives_courses.py); several people
work at one node at once (lives_care.py); commands are cut short. One life in four begins with machines of an earlier version. Every
twelve steps all come in step: the hub must count each event once, all levels agree, every subscriber have the newest version, and nobody find anything
wrong. FOLDER/seed.log tells what was done."""
import json, os, shutil, subprocess, sys, time, traceback, urllib.error

import lives_care as care
import lives_courses as courses
import lives_days as days
import lives_disk as disk
import lives_nodes as nodes
import lives_people as people
import lives_presidency as presidency
import lives_work as work
from lives_kit import KINDS, SEED, STEPS, Wrong, draw, note, root, world

EVENTS = [(8, work.records), (6, nodes.syncs), (2, nodes.is_killed), (2, nodes.runs_or_not), (2, nodes.dies_in_session), (1, nodes.pauses),
          (1, nodes.has_windows), (3, nodes.backs_up), (3, nodes.is_restored), (3, nodes.is_put_back), (2, nodes.moves), (0.8, nodes.centre_moves),
          (1, nodes.is_copied), (1, nodes.is_rebuilt), (0.5, nodes.is_put_out), (0.4, nodes.centre_is_lost), (1.5, nodes.turns_key),
          (0.4, nodes.is_promoted), (0.3, nodes.hub_is_lost), (1, nodes.is_set_aside), (1, nodes.is_released), (2, nodes.goes_by_stick),
          (2, nodes.goes_astray), (2, work.imports_again), (4, work.learns), (4, work.decides), (1, work.people_change), (3, work.publishes),
          (3, work.subscribes), (1, work.tidies),
          (1.5, work.tells), (1.5, disk.fills), (0.5, disk.quota_changes), (0.6, presidency.hands_on), (0.3, presidency.is_trusted),
          (0.6, presidency.is_promoted_anywhere), (1, presidency.sleeps), (0.8, presidency.joins_by_stick), (1.5, presidency.sticks_cross),
          (0.4, presidency.hub_goes_back), (1.5, days.clock_jumps), (1, days.spends_quota), (1, days.plans), (1, days.rests), (2, people.person_moves),
          (1, people.erased_away),
          (1, nodes.keys_turn_on_the_way), (1, work.withdraws), (1, work.pins), (1, courses.publishes_shared), (1, courses.rolls_back), (1, courses.has_mirror),
          (1, courses.has_neighbours), (1, courses.goes_in_volumes), (1, care.looks), (1, care.meets), (2, care.all_at_once),
          (1, care.group_comes_and_goes)]


OFTEN = os.environ.get("QANAT_LIVES_OFTEN", "").split()  # names of events that are to happen ten times as often
WEIGHTS = [weight * (10 if event.__name__ in OFTEN else 1) for weight, event in EVENTS]


def counted():
    rows = json.loads(world.hub.run("stats", "--format", "json").stdout)["rows"]
    return sum(rows[0].get(kind) or 0 for kind in [*KINDS, "revoked"]) if rows else 0


def check():
    nodes.is_released()
    disk.quotas_end()
    days.clocks_end()
    world.settle()
    for node in world.all():
        if node.is_copied and node.parent:
            world.nodes[node.parent].run("peer", "settle", node.name, may_fail=True)
    for attempt in range(60):
        if counted() == world.heard() + len(world.facts):
            work.everything_is_right(people.registered_is_exact, courses.shared_is_whole)
            return
        time.sleep(0.25)
        if attempt % 20 == 19:
            world.settle()
    raise Wrong(f"{counted()} events count at {world.hub.name}, {world.heard()} were imported and {len(world.facts)} came about here")


def begins():
    """With new machines; or a hub and a campus were the last of an earlier version, with what they had recorded."""
    if SEED % 4:
        world.hub = world.add("hub", "hub", None)
        return
    nodes.older_state(draw.randrange(1, 9))
    world.recorded = counted()


def lives():
    work.inputs_make()
    begins()
    shutil.copy(world.hub.dir + "/authority.key", root + "/authority.key")
    if SEED % 3:
        world.hub.run("course", "subscribe", "--all")
    for name in ("c1", "c2"):
        world.add(name, "national", "hub")
    for name in ("k1", "k2", "k3"):
        world.add(name, "campus", draw.choice(["c1", "c2"]))
    for step in range(STEPS):
        event = draw.choices([event for _, event in EVENTS], WEIGHTS)[0]
        note(f"=== {step} {event.__name__}")
        world.step = step
        presidency.wakes()
        event()
        if step % 12 == 11:
            check()
    check()


try:
    lives()
    print(f"{world.recorded} events imported, {len(world.facts)} made, {len(world.courses)} courses, {len(world.nodes)} nodes: each counts once")
except (Wrong, subprocess.TimeoutExpired, urllib.error.URLError) as wrong:
    note(traceback.format_exc())
    sys.exit(f"seed {SEED}: {wrong}; see {root}.log")
finally:
    for node in world.nodes.values():
        node.stop()
