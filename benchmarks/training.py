"""How many messages a second are learned from, beside transformers' Trainer as it comes.

    python -m benchmarks.training [--messages 320] [--turns 2] [--json FILE]

In turns, each in a process of its own: the Trainer's defaults (fp32, batches of 8, drawn at random
and padded to 128 tokens, all layers), the talk's recipe, and all layers with the recipe's other
means. The recipe trains few layers over states that the frozen ones gave once, so it learns from
the same messages but not as many weights: the row of all layers is there so that nobody is fooled.
How fast the defaults are doesn't depend on how many messages there are, so few steps of them are
timed. Batches of similar length are those that a training on the whole collection draws, of which
every so many are taken, by their length: a small collection would have more padding in its own.
Shares are of what large products of matrices reach in that precision, in the same process: of each
weight and token that isn't padding six operations where it is trained, two where it is only read;
embeddings, which are looked up, aside. A learning rate of 0: how fast, not how well.

Models: the talk's, and the shape of DistilGPT2 where DISTILGPT2_SHAPE names its folder (a
configuration and a tokenizer; the weights are drawn). TALK_DATA names the messages, else they are
those of the talk's sample.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import msgspec
from msgspec.structs import replace

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import timing  # noqa: E402
from benchmarks.page import (  # noqa: E402
    Machine,
    Trained,
    Training,
    Way,
    training_table,
    write_figures,
)
from pipeline.config import TrainingSettings, load_config  # noqa: E402
from pipeline.experiment import hub, machine  # noqa: E402
from pipeline.experiment.data.messages import clean_all  # noqa: E402
from pipeline.experiment.data.split import make_sets  # noqa: E402
from pipeline.experiment.plan import experiment_of  # noqa: E402
from pipeline.experiment.sources import find_data, find_model  # noqa: E402
from pipeline.experiment.store import Memory  # noqa: E402

if TYPE_CHECKING:
    from pipeline.experiment.model.pretrained import Classifier, Encoded

PADDED = 128
DEFAULT_STEPS = 2  # that are timed, behind one that isn't
WAYS = {
    "defaults": "the Trainer's defaults, padded to 128 tokens, all layers",
    "recipe": "the talk's recipe",
    "recipe fp32": "the same in fp32",
    "all layers": "all layers, batches of similar length",
    "all layers fp32": "the same in fp32",
}
OF_ALL_LAYERS = 4  # how many times fewer messages are enough where all layers are trained


@dataclass(frozen=True, slots=True)
class Took:
    """One training."""

    seconds: float  # by the clock
    processor: float  # seconds of all cores
    operations: float  # that its weights and tokens need
    messages: int


def matrix_rate(device: machine.Device, seconds: float = 1.0) -> float:
    """Operations a second: the best of products of two matrices of 2,048 by 2,048 (GPU: 8,192).

    Of a processor's own seconds, which other work changes little; a card's are by the clock.
    """
    import torch

    kind = torch.bfloat16 if device.bf16 else torch.float32
    size = 8192 if device.name == "cuda" else 2048
    left, right = (torch.randn(size, size, device=device.name).to(kind) for _ in range(2))
    clock = time.perf_counter if device.name == "cuda" else time.process_time
    best, until = 0.0, clock() + seconds
    while clock() < until:
        started = clock()
        product = left @ right
        if device.name == "cuda":
            torch.cuda.synchronize()
        best = max(best, 2 * size**3 / (clock() - started))
        del product
    return best


def weights(classifier: Classifier) -> tuple[int, int]:
    """How many are trained, and how many only read: those of matrices that states go through."""
    trained = read = 0
    with classifier.whole():
        embeddings = {id(one) for one in classifier.model.get_input_embeddings().parameters()}
        for one in classifier.model.parameters():
            if one.dim() > 1 and id(one) not in embeddings:
                trained += one.numel() * one.requires_grad
                read += one.numel() * (not one.requires_grad)
    return trained, read


def evenly(batches: Sequence[Sequence[int]], lengths: Sequence[int], count: int) -> list[int]:
    """Messages of `count` batches that stand for all: of as many groups of them, by what they pad
    to, each group's nearest to its mean.

    In the order of groups; batches that aren't full are left out.
    """

    def pads_to(batch: Sequence[int]) -> int:
        return max(lengths[place] for place in batch)

    size = max(map(len, batches))
    full = sorted((batch for batch in batches if len(batch) == size), key=pads_to)
    count, places = min(count, len(full)), list[int]()
    for number in range(count):
        group = full[number * len(full) // count : (number + 1) * len(full) // count]
        mean = statistics.fmean(map(pads_to, group))
        nearest: Sequence[int] = min(group, key=lambda batch: abs(pads_to(batch) - mean))
        places += nearest
    return places


def drawn(train: Encoded, size: int, messages: int) -> tuple[Encoded, float]:
    """About so many messages, batch by batch as a training on all of them draws these.

    With them: tokens with padding for each one without.
    """
    from pipeline.experiment.model.pretrained import Encoded
    from pipeline.experiment.model.training import _SimilarLengths

    lengths = [len(ids) for ids in train.sequences]
    order = list(_SimilarLengths(size, lengths, 1))
    batches = [order[at : at + size] for at in range(0, len(order), size)]
    places = evenly(batches, lengths, max(1, messages // size))
    taken = [lengths[place] for place in places]
    padded = sum(max(taken[at : at + size]) * size for at in range(0, len(taken), size))
    some = Encoded([train.sequences[at] for at in places], [train.labels[at] for at in places])
    return some, padded / sum(taken)


def ours(classifier: Classifier, train: Encoded, settings: TrainingSettings) -> Took:
    """What `fine_tune` took, with the batches as they are."""
    from pipeline.experiment.model import training
    from pipeline.experiment.model.pretrained import Encoded

    class AsTheyAre(training._SimilarLengths):
        def __iter__(self) -> Iterator[int]:
            return iter(range(len(train)))

    trained, read = weights(classifier)
    began = time.process_time()
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(training, "_SimilarLengths", AsTheyAre),
    ):
        made, _ = training.fine_tune(
            classifier, train, Encoded([], []), settings, 1, Path(folder), lambda _: None
        )
    processor = time.process_time() - began
    reads = 1 if classifier.shortcut else settings.epochs
    operations = train.tokens * (6 * trained * settings.epochs + 2 * read * reads)
    return Took(made.seconds, processor, operations, len(train) * settings.epochs)


def defaults(classifier: Classifier, train: Encoded) -> Took:
    """What some steps of the Trainer as it comes took."""
    import torch
    from transformers import Trainer, TrainerCallback, TrainingArguments

    ends: list[tuple[float, float]] = []

    class Clock(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            ends.append((time.perf_counter(), time.process_time()))

    pad = int(classifier.tokenizer.pad_token_id)
    rows = [
        {
            "input_ids": [*ids, *[pad] * (PADDED - len(ids))],
            "attention_mask": [*[1] * len(ids), *[0] * (PADDED - len(ids))],
            "labels": label,
        }
        for ids, label in zip(train.sequences, train.labels, strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder,
            max_steps=DEFAULT_STEPS + 1,
            learning_rate=0.0,
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            use_cpu=classifier.device.name == "cpu",
        )
        trainer = Trainer(classifier.model, arguments, train_dataset=rows, callbacks=[Clock()])
        trainer.train()
    messages = DEFAULT_STEPS * arguments.train_batch_size
    tokens = messages * train.tokens / len(train)
    trained, read = weights(classifier)
    seconds, processor = (end - begin for begin, end in zip(ends[0], ends[-1], strict=True))
    return Took(seconds, processor, tokens * (6 * trained + 2 * read), messages)


def measure(way: str, folder: Path, settings: TrainingSettings, count: int) -> Trained:
    """One way, in this process."""
    from pipeline.experiment.model import pretrained

    config = load_config(ROOT)
    experiment = experiment_of(config)
    data = find_data(config, experiment, os.environ.get("TALK_DATA"), _offline(), lambda _: None)
    sets = make_sets(clean_all(data.raw, data.labels), experiment.seed)
    with machine.quiet():
        tokenizer = pretrained.load_tokenizer(folder)
        whole = pretrained.encode_messages(tokenizer, sets.train, settings.max_tokens)
        device = machine.prepare_device()
        if "fp32" in way or way == "defaults":
            device = replace(device, precision="fp32")
        settings = dataclasses.replace(settings, learning_rate=0.0)
        if "all layers" in way:
            count //= OF_ALL_LAYERS
        train, padding = drawn(whole, settings.batch_size, count)
        if "recipe" not in way:
            settings = dataclasses.replace(settings, frozen_layers=0, used_layers=0, epochs=1)
        if way == "defaults":
            settings = dataclasses.replace(settings, pooling="last")
        classifier = pretrained.load_classifier(folder, tokenizer, device, settings, 1)
        before = matrix_rate(device)
        if way == "defaults":
            took, padding = defaults(classifier, train), PADDED * len(train) / train.tokens
        else:
            took = ours(classifier, train, settings)
    rate = max(before, matrix_rate(device))
    spent = took.seconds if device.name == "cuda" else took.processor
    return Trained(
        precision=device.precision,
        messages_per_second=took.messages / took.seconds,
        seconds=took.seconds,
        processor=took.processor,
        messages_per_processor_second=took.messages / took.processor,
        share=took.operations / spent / rate,
        gigaflops=rate / 1e9,
        messages=len(train),
        of=len(whole),
        padding=padding,
    )


def bf16_instructions() -> tuple[str, ...]:
    """Those of this processor that multiply bf16, as torch names them."""
    import torch

    known = torch.cpu.get_capabilities()
    return tuple(name for name in ("amx_bf16", "avx512_bf16", "bf16") if known.get(name))


def _offline() -> hub.Reach:
    return hub.Reach(False, "a benchmark doesn't ask it")


def in_turns(
    name: str, folder: Path, settings: TrainingSettings, count: int, turns: int
) -> list[Way]:
    """Each way some times, one after the other, each in a process of its own."""
    found: dict[str, list[Trained]] = {way: [] for way in WAYS}
    for way in list(WAYS) * turns:
        asked = {"way": way, "folder": str(folder), "count": count, "settings": asdict(settings)}
        said = timing.run(
            [sys.executable, "-m", "benchmarks.training", "--one", json.dumps(asked)]
        ).said
        last = next(line for line in reversed(said.splitlines()) if line.startswith('{"'))
        one = msgspec.json.decode(last, type=Trained)
        found[way].append(one)
        print(
            f"{way:16}{one.messages_per_second:8.1f} messages a second, {one.seconds:5.1f} s; "
            f"{one.messages_per_processor_second:.1f} a second of the processor, "
            f"{one.processor:.1f} s; {one.padding - 1:.0%} padding, "
            f"{one.share:4.0%} of {one.gigaflops:,.0f} Gflop/s",
            file=sys.stderr,
        )
    return [Way(name, WAYS[way], tuple(some)) for way, some in found.items()]


def drawn_model(shape: Path, folder: Path) -> Path:
    """A model of a shape with weights that are drawn, and its tokenizer."""
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, set_seed

    set_seed(1)
    AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(shape)).save_pretrained(folder)
    AutoTokenizer.from_pretrained(shape).save_pretrained(folder)
    return folder


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--messages", type=int, default=320, help="of the recipe's batches")
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--only", help="a part of a model's name")
    parser.add_argument("--json", type=Path, help="where the figures are written, too")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one:
        asked = json.loads(options.one)
        settings = TrainingSettings(**asked["settings"])
        print(
            json.dumps(
                asdict(measure(asked["way"], Path(asked["folder"]), settings, asked["count"]))
            )
        )
        return 0
    here = Machine.now()
    experiment, hash_of = experiment_of(load_config(ROOT)), Memory.load(ROOT / ".cache").hash_of
    base = find_model(experiment.model, None, ROOT / ".cache", _offline(), hash_of, lambda _: None)
    models = {base.name: base.folder}
    found = list[Way]()
    with machine.quiet(), tempfile.TemporaryDirectory() as folder:
        if shape := os.environ.get("DISTILGPT2_SHAPE"):
            models["distilbert/distilgpt2"] = drawn_model(Path(shape), Path(folder))
        for name, place in models.items():
            if (options.only or "") in name:
                settings = experiment.training_of(name)
                found += in_turns(name, place, settings, options.messages, options.turns)
    print("\n".join(training_table(found)))
    if options.json:
        write_figures(options.json, Training(here, bf16_instructions(), tuple(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
