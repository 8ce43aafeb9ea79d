"""Commands are shown on the pages: what must not be read there is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.measuring import Bench

from pipeline.checks.commands import command_problems


@pytest.mark.parametrize(
    "command",
    [
        "env API_TOKEN=abcdef0123 python3 bench.py",
        "python3 bench.py --password hunter2",
        "AWS_SECRET_ACCESS_KEY=wJalr/K7 bench",
        "python3 bench.py ghp_0123456789abcdefghijklmnopqrstuvwxyz",
        "python3 bench.py https://me:pw123@example.org/db",
    ],
)
def test_a_password_in_a_command_is_an_error(tmp_path: Path, command: str) -> None:
    """It concerns the pages, so nothing is published with it; the message doesn't repeat it."""
    bench = Bench(tmp_path)
    bench.table(f'command = "{command}"')
    (problem,) = command_problems(bench.config)
    assert (problem.is_error, problem.concerns) == (True, "pages")
    assert problem.where
    assert problem.where.line == 6
    assert command not in problem.message


@pytest.mark.parametrize(
    "command",
    [
        "python3 bench.py --tokens 512 --token bpe",
        "psql postgres://me@example.org/db",
        "psql postgres://me:$PASSWORD@example.org/db",
        "python3 crack.py --password-length 8 --api-key $API_KEY",
        "python3 secretary.py",
        "curl http://127.0.0.1:8080/a@b",
    ],
)
def test_what_is_none_is_left_alone(tmp_path: Path, command: str) -> None:
    bench = Bench(tmp_path)
    bench.table(f'command = "{command}"')
    assert not [*command_problems(bench.config)]
