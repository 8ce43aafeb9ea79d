"""A made-up talk with two measurements and no experiment, for tests alone: measured by nobody."""

from __future__ import annotations

from pipeline.measured import Measured, Measurement, Origin, Tree, Value

HASH = "1a2b3c4d"
POLL = "5e6f7a8b"


def nanoseconds(value: float, *repeats: float) -> Value:
    return Value(
        value,
        min(repeats, default=None),
        max(repeats, default=None),
        n=len(repeats) or None,
        unit="ns",
        how="median of the repeats, from the least to the largest" if repeats else "",
        direction="down",
        repeats=repeats,
    )


def share(hits: int, total: int) -> Value:
    value = hits / total
    return Value(value, value - 0.03, value + 0.03, hits=hits, total=total, unit="share")


def hash_tables(**changes: Tree) -> Measurement:
    """A benchmark of two hash tables: a branch, odd keys, a table, a series, a text."""
    values: dict[str, Tree] = {
        "insert": {"ns": nanoseconds(41.2, 40.1, 41.2, 44.0), "probes": Value(1.75)},
        "std::map": {"insert": {"ns": nanoseconds(214.5, 210.0, 214.5, 230.5)}},
        "robin_hood": {"insert": {"ns": nanoseconds(20.5, 19.5, 20.5, 21.0)}},
        "memory": Value(4 * 2**30, unit="bytes", direction="down"),
        "keys": Value(1_000_000),
        "rows": (
            {"load": Value(0.5), "ns": nanoseconds(33.0), "table": "open addressing"},
            {"load": Value(0.9), "ns": nanoseconds(87.25), "table": "open addressing"},
        ),
        "series": (Value(1.5), Value(2.5), Value(4.0)),
        "compiler": "cc <13> *fast*",
        "warm": True,
        "nothing": None,
        **changes,
    }
    run = Origin(
        id=HASH,
        fingerprint={"command": "c" * 64, "bench.py": "b" * 64},
        made="2026-11-20T09:30:00Z",
        seconds=61.5,
        command="python3 bench.py --keys 1000000",
        source="results/hash.json",
        form="json",
        about="Insertion into hash tables, a million keys",
        machine="AMD EPYC 7763, 8 cores",
        repeats=3,
    )
    return Measurement("hash", values, run)


def poll(**changes: Tree) -> Measurement:
    """A file that was made elsewhere: who answered what."""
    values: dict[str, Tree] = {
        "yes": share(62, 100),
        "no": share(38, 100),
        "asked": Value(100),
        **changes,
    }
    run = Origin(
        id=POLL,
        fingerprint={"data/poll.csv": "d" * 64},
        made="2026-11-01T00:00:00Z",
        source="data/poll.csv",
        form="csv",
        about="A poll in the hall",
    )
    return Measurement("poll", values, run)


def two_measurements(*changed: str, **values: Tree) -> Measured:
    """Both; `values` are put into `hash`, of which the inputs `changed` are no longer the same."""
    both = {"hash": hash_tables(**values), "poll": poll()}
    return Measured(None, both, {"hash": changed} if changed else {})
