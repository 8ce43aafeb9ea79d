"""How fast Python's containers are on this machine: prints JSON, takes half a second."""

import collections
import json
import random
import time

COUNT = 20_000
RANDOM = random.Random(1)


def nanoseconds(work, times):
    """The time of one of `times` operations that `work` does."""
    began = time.perf_counter_ns()
    work()
    return (time.perf_counter_ns() - began) / times


def filled(container, add):
    for number in range(COUNT):
        add(container, number)


def insertions():
    kinds = {
        "list_at_the_front": (list, lambda items, number: items.insert(0, number)),
        "list_at_the_end": (list, list.append),
        "deque_at_the_front": (collections.deque, collections.deque.appendleft),
        "set": (set, set.add),
    }
    return {
        name: {"ns": nanoseconds(lambda: filled(kind(), add), COUNT)}
        for name, (kind, add) in kinds.items()
    }


def lookups():
    rows = []
    for size in (1, 10, 100, 1000, 10_000):
        wanted = [RANDOM.randrange(size) for _ in range(200)]
        items, known = list(range(size)), set(range(size))
        rows.append(
            {
                "n": size,
                "list_ns": nanoseconds(lambda: [n in items for n in wanted], len(wanted)),
                "set_ns": nanoseconds(lambda: [n in known for n in wanted], len(wanted)),
            }
        )
    return rows


def sorting():
    in_order = list(range(COUNT))
    shuffled = RANDOM.sample(in_order, COUNT)
    falling = in_order[::-1]
    by_hand = {"sorted": sorted, "sort_by_key": lambda items: sorted(items, key=lambda n: n)}
    return {
        name: {
            "random_ms": nanoseconds(lambda: sort(shuffled), 1) / 1e6,
            "falling_ms": nanoseconds(lambda: sort(falling), 1) / 1e6,
        }
        for name, sort in by_hand.items()
    }


def one_by_one():
    """The same look-up, two hundred times."""
    known = set(range(COUNT))
    return [nanoseconds(lambda: [n in known for n in range(1000)], 1000) for _ in range(200)]


print(
    json.dumps(
        {
            "insert": insertions(),
            "lookups": lookups(),
            "sort": sorting(),
            "lookup_ns": one_by_one(),
        }
    )
)
