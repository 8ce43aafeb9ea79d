"""Pictures of the talk's own are made fit for the deck: small, upright, clean, always the same."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from support.media import drawn, figure, moving, photo, svg, talk_with

from pipeline.pictures.media import Media, deck_files, media_of
from pipeline.problems import TalkError
from pipeline.talk import Talk

pytestmark = pytest.mark.slow


def made(talk: Talk, cache: Path | None = None) -> Media:
    """The one file that the talk's slides show."""
    (found,) = media_of(talk.slides, cache).values()
    return found


def opened(media: Media) -> Image.Image:
    assert media.shot
    return Image.open(io.BytesIO(media.shot.content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_photo_is_scaled_and_has_nothing_but_pixels(tmp_path: Path, kind: str) -> None:
    """Twice its place at most, WebP, without camera and place, and named by its content."""
    raw = photo(kind, (1600, 1200), **({"speed": 10} if kind == "AVIF" else {}))
    name = f"My Photo.{kind}"
    talk = talk_with(tmp_path / "t", figure(f"![Waves](<{name}>)"), {f"deck/{name}": raw})
    media = made(talk)
    image = opened(media)
    assert (image.format, image.size) == ("WEBP", (1536, 1152))
    assert not image.getexif()
    assert not {"exif", "xmp", "icc_profile"} & image.info.keys()
    assert b"camera" not in media.shot.content  # type: ignore[union-attr]
    assert media.shot is not None
    assert (media.shot.full_width, media.shot.full_height) == (1600, 1200)
    (file,) = deck_files([media])
    assert file.startswith("media/my-photo-")
    assert file.endswith(".webp")
    assert len(media.shot.content) < 400_000


def test_a_photo_stands_as_the_camera_was_held(tmp_path: Path) -> None:
    """The note that says so goes, so the pixels are turned."""
    raw = photo(size=(1200, 800), turned=6)
    talk = talk_with(tmp_path / "t", figure("![Tall](p.jpg)"), {"deck/p.jpg": raw})
    media = made(talk)
    assert opened(media).size == (768, 1152)
    assert media.shot is not None
    assert (media.shot.full_width, media.shot.full_height) == (800, 1200)


def test_few_colours_are_kept_exactly(tmp_path: Path) -> None:
    """A screenshot stays sharp: not one pixel differs."""
    raw = drawn(size=(600, 400))
    talk = talk_with(tmp_path / "t", figure("![Red](p.png)"), {"deck/p.png": raw})
    assert opened(made(talk)).convert("RGB").tobytes() == Image.open(io.BytesIO(raw)).tobytes()


def test_what_can_be_seen_through_is_known(tmp_path: Path) -> None:
    """It gets a light ground in the dark theme."""
    files: dict[str, bytes | str] = {"deck/p.png": drawn(mode="RGBA")}
    clear = made(talk_with(tmp_path / "a", figure("![x](p.png)"), files))
    files = {"deck/p.png": drawn()}
    solid = made(talk_with(tmp_path / "b", figure("![x](p.png)"), files))
    assert clear.shot is not None
    assert solid.shot is not None
    assert (clear.shot.is_clear, solid.shot.is_clear) == (True, False)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_what_moves_goes_on_moving(tmp_path: Path, kind: str) -> None:
    """All its pictures, over and over; and the first alone, for paper."""
    files: dict[str, bytes | str] = {f"deck/p.{kind.lower()}": moving(kind)}
    media = made(talk_with(tmp_path / "t", figure(f"![x](p.{kind.lower()})"), files))
    image = opened(media)
    assert (getattr(image, "n_frames", 1), image.info["loop"]) == (3, 0)
    assert media.shot is not None
    still = dict(media.files)[media.shot.still]
    assert getattr(Image.open(io.BytesIO(still)), "n_frames", 1) == 1


def test_a_second_build_makes_nothing(tmp_path: Path) -> None:
    """What was made is kept, the same bytes; a changed picture is made anew."""
    files: dict[str, bytes | str] = {"deck/p.jpg": photo()}
    talk = talk_with(tmp_path / "t", figure("![x](p.jpg)"), files)
    began: list[int] = []

    def make() -> dict[str, Media]:
        return media_of(talk.slides, tmp_path / "cache", lambda: began.append(1))

    first, second = make(), make()
    assert first == second
    assert len(began) == 1
    (tmp_path / "t/deck/p.jpg").write_bytes(photo(size=(900, 600)))
    assert make() != first
    assert len(began) == 2


def test_a_picture_is_as_large_as_its_largest_place(tmp_path: Path) -> None:
    """Over the whole slide it needs more pixels than beside another."""
    files: dict[str, bytes | str] = {"deck/p.jpg": photo(size=(2560, 1440))}
    sizes = []
    for at, body in enumerate(
        (
            "::: left\n![x](p.jpg)\n:::\n::: right\nWords\n:::",
            "::: left\n![x](p.jpg)\n:::",
            "::: left\n![x](p.jpg){.bleed}\n:::",
        )
    ):
        slide = f"---\nlayout: figure\ntitle: A figure\n---\n{body}\n"
        sizes.append(opened(made(talk_with(tmp_path / str(at), slide, files))).size)
    assert sizes == [(1088, 612), (2048, 1152), (2560, 1440)]


def test_a_tall_photo_covers_the_whole_slide(tmp_path: Path) -> None:
    """It is cut there, so its width counts; no side gets longer than it must."""
    files: dict[str, bytes | str] = {"deck/p.jpg": photo(size=(2000, 3000))}
    talk = talk_with(tmp_path / "t", figure("![x](p.jpg){.bleed}"), files)
    assert opened(made(talk)).size == (1920, 2880)


def cut(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("p.jpg", b"only words", "`p.jpg` is no picture, whatever its name says"),
        ("p.jpg", cut(photo()), "`p.jpg` can't be read as a picture: image file is truncated"),
        (
            "p.png",
            drawn(mode="1", size=(10_000, 10_000)),
            "`p.png` has 100 million pixels, 64 million are the most",
        ),
        (
            "p.png",
            drawn(mode="1", size=(20_000, 20_000)),
            "`p.png` has far too many pixels, 64 million are the most",
        ),
        (
            "p.gif",
            moving()[:6] + b"\x88\x13\x88\x13" + moving()[10:],
            "`p.gif` has 25 million pixels, 16 million are the most",
        ),
        (
            "p.gif",
            b",\0\0\0\x10".join(moving().rsplit(b",\0\0\0\0", 1)),
            "`p.gif` can't be read as a picture: one of its pictures lies outside it",
        ),
        ("p.svg", b"only words", "`p.svg` is no SVG, whatever its name says"),
        ("p.svg", svg("", "").encode(), "`p.svg` says no size"),
    ],
)
def test_what_is_no_picture_is_said(tmp_path: Path, name: str, raw: bytes, message: str) -> None:
    """With the slide's line; a picture of 100 megapixels is refused before it is decoded."""
    talk = talk_with(tmp_path / "t", figure(f"![x]({name})"), {f"deck/{name}": raw})
    with pytest.raises(TalkError) as caught:
        media_of(talk.slides, None)
    assert caught.value.message.startswith(message)
    assert caught.value.where is not None
    assert (caught.value.where.path.name, caught.value.where.line) == ("02-steps.md", 6)


@pytest.mark.parametrize(
    ("body", "name", "most"),
    [("![x](p.jpg)", "p.jpg", 64), ("![x](p.mp4)", "p.mp4", 100), ("[x](p.pdf)", "p.pdf", 50)],
)
def test_a_file_of_gigabytes_is_not_read(
    tmp_path: Path, body: str, name: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One with a hole of two gigabytes is refused by its size, not a byte of it read."""
    talk = talk_with(tmp_path / "t", figure(body), {f"deck/{name}": b"x"})
    with (tmp_path / "t/deck" / name).open("wb") as file:
        file.truncate(2 * 2**30)
    monkeypatch.setattr("pipeline.pictures.media.read_bytes", lambda *_: pytest.fail("it is read"))
    with pytest.raises(TalkError, match=rf"`{name}` has 2,048 MiB, {most} are the most"):
        media_of(talk.slides, None)


def test_two_files_of_one_name_stay_two(tmp_path: Path) -> None:
    """Linked files keep their names; of two different ones the second gets its hash."""
    files: dict[str, bytes | str] = {"deck/a/Paper.pdf": b"one", "deck/b/Paper.pdf": b"two"}
    body = "[one](a/Paper.pdf) and [two](b/Paper.pdf)"
    talk = talk_with(tmp_path / "t", figure(body), files)
    made_files = deck_files(media_of(talk.slides, None).values())
    assert list(made_files) == ["files/paper.pdf", "files/paper-3fc4ccfe.pdf"]
    assert list(made_files.values()) == [b"one", b"two"]
