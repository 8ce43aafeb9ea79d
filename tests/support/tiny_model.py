"""Tiny language models made from a config, and message files, for tests of the real entry."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

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
from pipeline.experiment.data.copies import grams_of
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
    seen: list[set[str]] = []
    while len(lines) < count:
        positive = len(lines) % 3 == 0
        words = [chance.choice(POSITIVE if positive else NEGATIVE), *chance.choices(FILLER, k=7)]
        if _is_new(text := " ".join(words), seen):
            lines.append(f"{'spam' if positive else 'ham'}\t{text}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _is_new(text: str, seen: list[set[str]]) -> bool:
    """Whether it is no near copy of one of those seen; then it is one of them."""
    grams = grams_of(text.casefold())
    if any(len(grams & other) > 0.7 * len(grams | other) for other in seen):
        return False
    seen.append(grams)
    return True


OPINIONS = {
    "bad": ("a waste of money", "broke after a day", "never again"),
    "fair": ("it does its job", "neither good nor bad", "what you pay for"),
    "good": ("the best I ever had", "works like a charm", "I love it"),
}


def write_opinions(path: Path, count: int = 180) -> Path:
    """A CSV of made-up opinions with three labels, in columns of their own names."""
    chance, rows, seen = random.Random(1), ["stars,review"], list[set[str]]()
    while len(rows) <= count:
        label = list(OPINIONS)[len(rows) % 3]
        text = " ".join([chance.choice(OPINIONS[label]), *chance.choices(FILLER, k=7)])
        if _is_new(text, seen):
            rows.append(f"{label},{text}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def make_tokenizer(folder: Path, *, pads: bool = False) -> int:
    """Train a small byte-level BPE tokenizer into the folder; returns its vocabulary's size.

    `pads`: with a token of its own for padding, as encoders have.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|endoftext|>", *(["<pad>"] if pads else [])],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([*POSITIVE, *NEGATIVE, *FILLER], trainer)
    more: dict[str, Any] = {"pad_token": "<pad>"} if pads else {}
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|endoftext|>", bos_token="<|endoftext|>", **more
    )
    wrapped.save_pretrained(folder)
    return len(wrapped)


SIZES: dict[str, Any] = {"hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 64}
ENCODERS = ("bert", "distilbert", "roberta", "modernbert")


def make_model(folder: Path, family: str = "gpt2") -> Path:
    """A language model or an encoder of two or three small layers with seeded random weights."""
    from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, set_seed

    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = make_tokenizer(folder, pads=family in ENCODERS)
    set_seed(1)
    if family in ENCODERS:
        _encoder(family, vocabulary).save_pretrained(folder)
    elif family == "gpt2":
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
            num_hidden_layers=3,
            num_key_value_heads=2,
            max_position_embeddings=512,
            bos_token_id=0,
            eos_token_id=0,
            tie_word_embeddings=True,
            **SIZES,
        )
        LlamaForCausalLM(llama).save_pretrained(folder)
    return folder


def _encoder(family: str, vocabulary: int) -> Any:
    """As their makers publish them: with the head that fills in masked words."""
    import transformers as known

    more: dict[str, Any] = {
        "vocab_size": vocabulary,
        "pad_token_id": 1,
        "bos_token_id": 0,
        "eos_token_id": 0,
    }
    if family == "bert":
        bert = known.BertConfig(num_hidden_layers=2, max_position_embeddings=64, **SIZES, **more)
        return known.BertForMaskedLM(bert)
    if family == "roberta":
        roberta = known.RobertaConfig(
            num_hidden_layers=2, max_position_embeddings=66, **SIZES, **more
        )
        return known.RobertaForMaskedLM(roberta)
    if family == "distilbert":
        distilbert = known.DistilBertConfig(
            dim=32, n_heads=2, n_layers=2, hidden_dim=64, max_position_embeddings=64, **more
        )
        return known.DistilBertForMaskedLM(distilbert)
    modern = known.ModernBertConfig(
        num_hidden_layers=3,
        max_position_embeddings=64,
        cls_token_id=0,
        sep_token_id=0,
        **SIZES,
        **more,
    )
    return known.ModernBertForMaskedLM(modern)


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
    return replace(settings, **changes)


def opinions_talk(folder: Path, family: str = "gpt2") -> Config:
    """A talk about its own file of three labels, which talk.toml's settings don't list."""
    folder.mkdir(parents=True, exist_ok=True)
    write_opinions(folder / "opinions.csv")
    make_model(folder / "model", family)
    experiment = tiny_experiment(
        data=DataSettings(
            text="review", label="stars", name="Opinions", licence="CC0", sample="opinions.csv"
        ),
        question="Is this bad, fair or good?\n{message}",
        answers={"bad": "home", "fair": "free", "good": "lunch"},  # of other tokens each
        examples=(ExampleSettings("mine", "it works like a charm, never again", "good"),),
    )
    return Config(folder, TalkInfo("Opinions", "Nobody"), experiment=experiment)


def tiny_options(config: Config, **changes: object) -> Options:
    options = Options(
        data=str(config.root / "messages.tsv"),
        model=str(config.root / "model"),
        cache=config.root / "cache",
        command="the tests",
    )
    return replace(options, **changes)


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


def whole(steps: Any) -> Any:
    """What a piece of work gives that is done in steps."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value
