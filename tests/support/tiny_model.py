"""Tiny language models made from a config, and message files, for tests of the real entry."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from pipeline.config import (
    Config,
    DataSettings,
    ExampleSettings,
    ExperimentSettings,
    PromptSettings,
    QuickSettings,
    TalkInfo,
    TrainingSettings,
)
from pipeline.experiment.plan import Options
from pipeline.results import Results

POSITIVE = ("win a free prize now", "claim your cash reward", "urgent call to collect your gift")
NEGATIVE = ("see you at home tonight", "are we still on for lunch", "running late sorry love")
FILLER = (
    "today",
    "maybe",
    "ok",
    "then",
    "at nine",
    "with mum",
    "on monday",
    "by the park",
    "again",
)


def write_messages(path: Path, count: int = 120, seed: int = 0) -> Path:
    """A file of made-up messages, a third of them positive; no two are near copies."""
    chance = random.Random(seed)
    lines: list[str] = []
    seen: set[str] = set()
    while len(lines) < count:
        positive = len(lines) % 3 == 0
        words = [chance.choice(POSITIVE if positive else NEGATIVE), *chance.choices(FILLER, k=5)]
        if (text := " ".join(words)) not in seen:
            seen.add(text)
            lines.append(f"{'spam' if positive else 'ham'}\t{text}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def make_tokenizer(folder: Path) -> int:
    """Train a small byte-level BPE tokenizer into the folder; returns its vocabulary's size."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([*POSITIVE, *NEGATIVE, *FILLER], trainer)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|endoftext|>", bos_token="<|endoftext|>"
    )
    wrapped.save_pretrained(folder)
    return len(wrapped)


def make_model(folder: Path, family: str = "gpt2") -> Path:
    """A language model of two or three small layers with seeded random weights."""
    from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, set_seed

    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = make_tokenizer(folder)
    set_seed(1)
    if family == "gpt2":
        config = GPT2Config(
            vocab_size=vocabulary,
            n_positions=64,
            n_embd=32,
            n_layer=2,
            n_head=2,
            bos_token_id=0,
            eos_token_id=0,
        )
        GPT2LMHeadModel(config).save_pretrained(folder)
    else:
        llama = LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=3,
            num_attention_heads=2,
            num_key_value_heads=2,
            max_position_embeddings=64,
            bos_token_id=0,
            eos_token_id=0,
            tie_word_embeddings=True,
        )
        LlamaForCausalLM(llama).save_pretrained(folder)
    return folder


def tiny_talk(folder: Path, family: str = "gpt2", messages: int = 150) -> Config:
    """A talk whose experiment runs on a tiny model: settings, data file, sample and model."""
    folder.mkdir(parents=True, exist_ok=True)
    write_messages(folder / "messages.tsv", messages)
    write_messages(folder / "sample.tsv", 60, seed=7)
    make_model(folder / "model", family)
    return Config(folder, TalkInfo("A tiny talk", "Nobody"), experiment=tiny_experiment())


def tiny_experiment(**changes: object) -> ExperimentSettings:
    settings = ExperimentSettings(
        data=DataSettings("spam", "ham", sample="sample.tsv", sample_name="the second set"),
        training=TrainingSettings(
            learning_rate=2e-3, batch_size=8, max_tokens=32, frozen_layers=1, epochs=2
        ),
        quick=QuickSettings(train=40, validation=16, test=16),
        question="Is this spam or ham?\n{message}",
        examples=(
            ExampleSettings("prize", "win a free prize now, claim it", "spam"),
            ExampleSettings("lunch", "are we still on for lunch today", "ham", kind="hard"),
        ),
        next_tokens=(PromptSettings("see you at", " home"), PromptSettings("running late")),
        tokenized=("free prize",),
    )
    return replace(settings, **changes)  # type: ignore[arg-type]


def tiny_options(config: Config, **changes: object) -> Options:
    options = Options(
        data=str(config.root / "messages.tsv"),
        model=str(config.root / "model"),
        cache=config.root / "cache",
        command="the tests",
    )
    return replace(options, **changes)  # type: ignore[arg-type]


def without_times(results: Results) -> dict[str, Any]:
    """The results as plain data, without what differs between two equal runs."""
    timings = {"seconds", "started", "stages", "digest", "peak_memory_bytes", "command"}

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: strip(inner)
                for key, inner in value.items()
                if key not in timings and "second" not in key
            }
        return [strip(inner) for inner in value] if isinstance(value, list | tuple) else value

    stripped: dict[str, Any] = strip(msgspec.to_builtins(results))
    return stripped
