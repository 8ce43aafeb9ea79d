"""Units: one becomes another, names state theirs, and what doesn't fit is refused."""

from __future__ import annotations

import pytest

from pipeline.units import (
    canonical,
    converted,
    fits,
    is_known,
    kind_of,
    lower_is_better,
    product,
    quotient,
    unit_of_name,
)

CONVERTED = [
    (41.2, "ns", "s", 41.2e-9),
    (3, "min", "s", 180),
    (1.5, "ms", "ns", 1_500_000),
    (2, "GiB", "bytes", 2 * 2**30),
    (2, "GB", "MB", 2000),
    (93.3, "%", "share", 0.933),
    (8, "us", "µs", 8),
    (3.2, "GB/s", "MB/ms", 3.2),
    (7, "", "s", 7),
    (7, "messages", "messages", 7),
]


@pytest.mark.parametrize(("value", "unit", "to", "expected"), CONVERTED)
def test_a_value_is_converted(value: float, unit: str, to: str, expected: float) -> None:
    """A value in one unit is the same in another, without a trace of binary."""
    assert converted(value, unit, to) == expected


@pytest.mark.parametrize(("unit", "to"), [("bytes", "s"), ("messages", "s"), ("GB/s", "GB")])
def test_units_that_do_not_fit_are_refused(unit: str, to: str) -> None:
    """Bytes are no seconds."""
    assert not fits(unit, to)
    with pytest.raises(ValueError, match=f"{unit} is no {to}"):
        converted(1, unit, to)


NAMES = [
    ("insert_ns", "ns"),
    ("ns", "ns"),
    ("peak_memory_bytes", "bytes"),
    ("fit_seconds", "s"),
    ("time (ms)", "ms"),
    ("time [ms]", "ms"),
    ("time_s", "s"),
    ("durationMs", "ms"),
    ("memory_mb", "MB"),
    ("size (KiB)", "KiB"),
    ("throughput (messages/s)", "messages/s"),
    ("ns/op", ""),
    ("energy (J)", "J"),
    ("accuracy_pct", "%"),
    ("accuracy (%)", "%"),
    ("share", "share"),
    ("F1 (macro)", ""),
    ("x_min", ""),
    ("max (of 5)", ""),
    ("h", ""),
    ("s", ""),
    ("alarms", ""),
    ("items", ""),
    ("columns", ""),
    ("", ""),
]


@pytest.mark.parametrize(("name", "unit"), NAMES)
def test_a_name_states_its_unit(name: str, unit: str) -> None:
    """A unit is read from a name where it says one, and nowhere else."""
    assert unit_of_name(name) == unit


def test_units_have_one_name() -> None:
    """However a unit is written, it is shown in one way; case tells bytes from bits."""
    assert [canonical(unit) for unit in ("seconds", "us", "μs", "B", "KB", "mb", "Mb")] == [
        *("s", "µs", "µs", "bytes", "kB", "MB", "Mb")
    ]
    assert canonical("bytes/sec") == "bytes/s"
    assert canonical("m") == "m"  # metres, no minutes
    assert is_known("milliseconds")
    assert not is_known("messages")


def test_units_of_calculations() -> None:
    """Times cancel, rates turn into amounts, and shares change no unit."""
    assert quotient("ms", "ns") == ("", 1_000_000)
    assert quotient("bytes", "s") == ("bytes/s", 1)
    assert quotient("", "s") == ("1/s", 1)
    assert quotient("ns", "share") == ("ns", 1)
    assert quotient("share", "share") == ("", 1)
    assert quotient("", "") == ("", 1)
    assert product("s", "") == ("s", 1)
    assert product("messages/s", "min") == ("messages", 60)
    assert product("share", "ns") == ("ns", 1)
    assert quotient("messages", "messages/s")[0] == "messages/messages/s"


def test_less_is_better_of_times_and_sizes() -> None:
    """What nobody has said a direction of: times and sizes go down, the rest up."""
    assert lower_is_better("ns")
    assert lower_is_better("MiB")
    assert lower_is_better("ns/op")
    assert not lower_is_better("MB/s")
    assert not lower_is_better("messages/s")
    assert not lower_is_better("share")
    assert kind_of("GB/s") == "size/time"
