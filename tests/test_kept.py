"""What is kept and was changed since is found out when it is used, and made again."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.damage import DAMAGE
from support.media import drawn
from support.needs import posix

from benchmarks.faults import Room, small_talk

pytestmark = [posix, pytest.mark.slow]

HASH = "[0-9a-f]{32}"
# All kinds of files that a build and a publication keep, by name from the room. Whoever keeps a new
# kind names it here; it is damaged below like all others.
MADE_AGAIN = (
    rf"talk/\.cache/(reveal|code|logo)-{HASH}\.\w+",
    rf"talk/\.cache/(figures|media)/[\w-]+-{HASH}\.\w+",
    r"talk/\.cache/measured/\w+/\w+/(measured|\d+)\.json",
    r"talk/\.cache/measured/\w+/\w+/files/plot\.svg",
    r"talk/\.cache/hashes\.json",
    r"talk/\.cache/memo\.msgpack",
    r"talk/out/measured/\w+\.json",
    r"talk/out/measured/\w+/plot\.svg",
    rf"shared/faces/\w+-{HASH}\.\w+",
    rf"shared/templates/page-{HASH}\.code",
    r"state/talkwright/measured/[0-9a-f]{64}",
)
HOLDS_NOTHING = (r"(talk/\.cache|shared)/locks/used",)
PAGES = (r"talk/out/(speaker|public)/.+",)
SHOWN = "\n![A plot](measured/lookup/plot.svg)\n\n![A photo](dot.png)\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9"/></svg>'


def kept_below(room: Path) -> Iterator[tuple[str, Path]]:
    """All files of a room but those of the talk itself, by name."""
    for path in sorted(room.rglob("*")):
        name = path.relative_to(room).as_posix()
        if path.is_file() and re.match(r"talk/(\.cache|out)/|shared/|state/|tmp/", name):
            yield name, path


def is_one_of(name: str, kinds: tuple[str, ...]) -> bool:
    return any(re.fullmatch(kind, name) for kind in kinds)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """A talk with a measurement that leaves a picture, and a photo; built."""
    room = small_talk(tmp_path_factory.mktemp("whole"))
    talk = room.talk
    (talk / "measure.py").write_text(
        f"from pathlib import Path\nPath('plot.svg').write_text({SVG!r})\nprint('time = 1 ms')\n"
    )
    settings = (talk / "talk.toml").read_text("utf-8")
    (talk / "talk.toml").write_text(f"{settings}pictures = ['plot.svg']\n", "utf-8")
    (talk / "data.bin").write_bytes(bytes(2**17))  # large: its hash is kept
    text = (talk / "talk.toml").read_text("utf-8").replace("'measure.py']", "'*.py', 'data.bin']")
    (talk / "talk.toml").write_text(text, "utf-8")
    (talk / "deck" / "slides" / "dot.png").write_bytes(drawn())
    last = max((talk / "deck" / "slides").glob("*.md"))
    last.write_text(last.read_text("utf-8") + SHOWN, "utf-8")
    for kept in (talk / ".cache", talk / "out", room.folder / "state", room.folder / "shared"):
        shutil.rmtree(kept)  # of the talk before
    status, _, said = room.run("build", "--yes")
    assert status == 0, said
    return room


def test_each_kind_of_kept_file_is_known(whole: Room, tmp_path: Path) -> None:
    room, known = whole.copy(tmp_path / "room"), (*MADE_AGAIN, *HOLDS_NOTHING, *PAGES)
    status, _, said = room.run("publish")
    assert status == 0, said
    names = [name for name, _ in kept_below(room.folder)]
    assert [name for name in names if not is_one_of(name, known)] == []
    assert [kind for kind in MADE_AGAIN if not any(re.fullmatch(kind, n) for n in names)] == []


@pytest.mark.parametrize("turn", range(3))
def test_what_was_changed_is_made_again(turn: int, whole: Room, tmp_path: Path) -> None:
    """Each file in another way: the pages are the same, and what is kept is whole again."""
    room = whole.copy(tmp_path / "room")
    kept = [(n, path) for n, path in kept_below(room.folder) if is_one_of(n, MADE_AGAIN)]
    before = {name: path.read_bytes() for name, path in kept}
    for at, (name, path) in enumerate(kept):
        damage = [*DAMAGE][(at + 2 * turn) % len(DAMAGE)]
        if damage != "folder" or not name.startswith("talk/out/"):
            DAMAGE[damage](path)
    status, _, said = room.run("build", "--yes")
    assert (status, "Traceback" in said) == (0, False), said
    assert room.pages("speaker") == whole.pages("speaker")
    assert room.left() == []
    # What was allowed is said of a folder, and this talk lies in another one.
    assert [n for n, path in kept if not path.is_file() and not n.startswith("state/")] == []
    sealed = [(name, path) for name, path in kept if re.search(f"-{HASH}", name)]
    assert [name for name, path in sealed if path.read_bytes() != before[name]] == []


def test_a_folder_in_place_of_a_page_is_one_error(whole: Room, tmp_path: Path) -> None:
    """What lies in it may be somebody's: nothing is removed, and no page is written."""
    room = whole.copy(tmp_path / "room")
    page = room.talk / "out" / "speaker" / "index.html"
    page.unlink()
    page.mkdir()
    (page / "mine").write_text("x")
    before = room.pages("speaker")
    status, _, said = room.run("build")
    assert status == 1
    assert "a folder is in the way" in said
    assert room.pages("speaker") == before
