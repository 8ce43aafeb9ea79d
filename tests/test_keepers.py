"""Whatever keeps something is known here, with the test that damages what it keeps."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
CODE = TESTS.parent / "pipeline"
# How a thing is kept, and the test that damages it.
WAYS = {
    "files.kept": "test_files.py::test_a_kept_thing_that_changed_is_made_again",
    "files.keep": "test_files.py::test_a_kept_thing_that_changed_is_made_again",
    "seals.seal": "test_seals.py::test_a_changed_folder_has_none",
    "results.write_results": "test_results.py::test_an_edit_by_hand_is_refused",
    "measured.write_measurement": "measure/test_store.py::test_a_run_edited_by_hand_is_refused",
}
# Who keeps something so, below pipeline/. Who comes new, and reads it back in another way than by
# `kept`, `kept_bytes` or `sealed`, needs a test of its own below.
KEEPERS = {
    "files.kept": """experiment/evidence/plan experiment/steps export/narration export/pdf faces
        pages/assets pages/brand pages/code pictures/diagrams/graph pictures/media pictures/picture
        publish/metadata publish/site voice/models""",
    "files.keep": """experiment/store export/by_slide export/free hashes memo pages/templates
        pictures/own/kept rearrange seals""",
    "seals.seal": """experiment/heads experiment/model/package experiment/model/states
        experiment/model/training experiment/steps""",
    "results.write_results": "cli/project experiment/steps experiment/store",
    "measured.write_measurement": "cli/evidence measure/run measure/store",
}
OTHERS = {
    "checkpoints": (
        "experiment/test_run.py::test_a_checkpoint_that_is_not_what_was_written_is_passed_over"
    ),
    "the model of a run": "experiment/test_run.py"
    "::test_a_kept_model_that_was_changed_is_trained_again",
    "heads": "experiment/test_heads.py::test_changed_heads_are_not_taken",
    "states": "experiment/test_states.py"
    "::test_an_interrupted_reading_goes_on_and_a_changed_part_is_read_again",
    "a converted model": "experiment/test_sources.py"
    "::test_a_converted_model_that_was_changed_is_made_again",
    "sources": "experiment/test_store.py::test_a_broken_memory_is_forgotten",
    "hashes": "test_hashes.py::test_a_broken_memory_is_forgotten",
    "texts as they were read": "test_memo.py::test_a_broken_file_is_never_used",
    "templates": "pages/test_templates.py::test_what_was_changed_on_the_disk_is_compiled_again",
    "own drawings": "pictures/test_own_kept.py::test_a_broken_kept_drawing_is_none",
    "stamps": "test_stamp.py::test_a_broken_stamp_is_none",
    "the list of a site's files": (
        "publish/test_site.py::test_a_list_that_was_cut_off_is_made_again"
    ),
    "rehearsals": "rehearsal/test_log.py::test_a_line_cut_off_does_not_swallow_the_next",
    "what was said in them": "rehearsal/test_voice.py::test_a_broken_file_is_one_finding",
    "a pinned run": "experiment/test_store.py::test_a_broken_pin_can_be_undone",
    "consents, pages, pictures of measurements": (
        "test_kept.py::test_what_was_changed_is_made_again"
    ),
}


def keepers_in_code() -> Iterator[tuple[str, str]]:
    """Which module uses which way to keep something."""
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ImportFrom):
                for name in node.names:
                    way = f"{(node.module or '').removeprefix('pipeline.')}.{name.name}"
                    if way in WAYS:
                        yield way, path.relative_to(CODE).with_suffix("").as_posix()


def test_who_keeps_something_is_known() -> None:
    """A new one is a line here, so that nobody forgets to ask what damage does to it."""
    known = {(way, name) for way, names in KEEPERS.items() for name in names.split()}
    assert {*keepers_in_code()} == known


@pytest.mark.parametrize("test", sorted({*WAYS.values(), *OTHERS.values()}))
def test_the_test_that_damages_it_is_there(test: str) -> None:
    file, _, name = test.partition("::")
    assert f"def {name}(" in (TESTS / file).read_text("utf-8")
