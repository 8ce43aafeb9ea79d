"""Fine-tune with transformers' Trainer: batches of similar length, best epoch by F1 kept."""

from __future__ import annotations

import json
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from types import FrameType
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from transformers import (
    DataCollatorWithPadding,
    EvalPrediction,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
    set_seed,
)
from transformers.trainer_callback import PrinterCallback
from transformers.trainer_pt_utils import LengthGroupedSampler

from pipeline.config import TrainingSettings
from pipeline.experiment import together
from pipeline.experiment.machine import Device, disk_errors_named, peak_memory_bytes
from pipeline.experiment.metrics import confusion_of, f1_of, matrix_of, wilson
from pipeline.experiment.model.frozen_layers import Tick
from pipeline.experiment.model.pretrained import BATCH, Classifier, Encoded
from pipeline.results import Epoch, LogPoint, Training
from pipeline.seals import seal, sealed

OnLog = Callable[[int, dict[str, float]], None]  # step, and what was measured at it

SAVE_EVERY_STEPS = 100
STATE = "trainer_state.json"
LATER = 1e-6  # what makes the later of equal epochs the better one: less than any F1 differs
LOG_POINTS = 80  # about as many points as a chart of the loss can show


@dataclass(frozen=True, slots=True)
class Spent:
    """What the training took up to a checkpoint, all attempts together."""

    seconds: float = 0.0
    evaluation_seconds: float = 0.0
    peak_memory_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """What a training ticks: tokens through layers, a backward pass as two."""

    reading: float  # what the frozen layers make of all messages, before the first step
    epoch: float
    evaluation: float  # after each epoch

    def total(self, epochs: int) -> float:
        return self.reading + epochs * (self.epoch + self.evaluation)


def training_work(classifier: Classifier, train: Encoded, validation: Encoded) -> Work:
    """Backward costs about twice the forward pass, and stops at the frozen layers."""
    frozen = classifier.frozen_layers
    trained = classifier.layers - frozen
    if classifier.shortcut:
        reading = float(frozen * (train.tokens + validation.tokens))
        return Work(reading, float(3 * trained * train.tokens), float(trained * validation.tokens))
    epoch = float((3 * trained + frozen) * train.tokens)
    return Work(0.0, epoch, float(classifier.layers * validation.tokens))


def fine_tune(
    classifier: Classifier,
    train: Encoded,
    validation: Encoded,
    settings: TrainingSettings,
    seed: int,
    folder: Path,
    tick: Tick,
    on_log: OnLog = lambda step, logs: None,
    positive: int | None = 1,
) -> tuple[Training, Spent]:
    """Train the classifier in place; it ends with the weights of its best epoch.

    The best by F1: of the label at `positive`; None: the mean over all labels. Of equals the
    later one: of few positive messages many epochs have the same F1, and steps get smaller.

    Without validation messages there is nothing to choose by: no checkpoint is made, and it ends
    with the weights of its last epoch. Adapters are part of the weights afterwards.

    Checkpoints go to `folder`; a whole one that is there already is gone on from, and leads to
    the same weights as a training that was never stopped. `on_log` is told the loss of each step
    (`loss`) and what each epoch's evaluation found (`eval_f1`, -1 where it is undefined).
    """
    judged = len(validation) > 0
    with together.first_in_turn():
        checkpoint, before = (newest_whole(folder) if judged else None) or (None, Spent())
    reading = 0.0
    if classifier.shortcut:
        reading = classifier.shortcut.remember(train.sequences, tick)
        reading += classifier.shortcut.remember(validation.sequences, tick)
    if not checkpoint:  # its time already holds this for the attempt that made it
        before = replace(before, seconds=reading)
    set_seed(seed)
    sampler = _SimilarLengths(settings.batch_size, [len(s) for s in train.sequences], seed)
    work = training_work(classifier, train, validation)
    steps = -(-len(train) // settings.batch_size)
    watch = _Watch(sampler, steps, work, before, tick, on_log, saves=judged)
    arguments = _arguments(settings, seed, classifier.device, folder, judged=judged)
    trainer = _trainer(classifier, train, validation, settings, arguments, watch, positive)
    with disk_errors_named(folder), _finish_step_on_interrupt(watch):
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    if watch.interrupted:
        raise KeyboardInterrupt
    classifier.merge()
    classifier.model.eval()
    spent = watch.spent()
    return _record(trainer.state, classifier, train, settings, spent, positive), spent


def _trainer(
    classifier: Classifier,
    train: Encoded,
    validation: Encoded,
    settings: TrainingSettings,
    arguments: TrainingArguments,
    watch: _Watch,
    positive: int | None,
) -> _Trainer:
    trainer = _Trainer(
        model=classifier.model,
        args=arguments,
        train_dataset=_Rows(train),
        eval_dataset=_Rows(_longest_first(validation)) if len(validation) else None,
        data_collator=DataCollatorWithPadding(classifier.tokenizer),
        compute_metrics=lambda found: _metrics(found, positive, trainer.state.epoch or 0.0),
        compute_loss_func=_loss_of(settings, train, classifier),
        callbacks=[watch],
    )
    trainer.sampler = watch.sampler
    trainer.remove_callback(PrinterCallback)
    return trainer


Loss = Callable[..., Tensor]  # of a model's output and the right labels


def _loss_of(settings: TrainingSettings, train: Encoded, classifier: Classifier) -> Loss | None:
    """The loss where it isn't the model's own: labels that count the same, answers less sure."""
    smoothing, classes = settings.label_smoothing, int(classifier.model.config.num_labels or 0)
    if not (smoothing or settings.class_weights):
        return None
    weight = None
    if settings.class_weights:
        counts = np.maximum(np.bincount(train.labels, minlength=classes), 1)
        weight = torch.tensor(len(train) / (classes * counts), dtype=torch.float32)
        weight = weight.to(classifier.device.name)

    def loss(found: Any, labels: Tensor, **_: Any) -> Tensor:
        return functional.cross_entropy(
            found["logits"].float(), labels, weight, label_smoothing=smoothing
        )

    return loss


def _arguments(
    settings: TrainingSettings, seed: int, device: Device, folder: Path, *, judged: bool
) -> TrainingArguments:
    when = "epoch" if judged else "no"
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=together.share_of(settings.batch_size),
        per_device_eval_batch_size=BATCH,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        warmup_steps=settings.warmup_share,
        lr_scheduler_type="linear",
        optim="adamw_torch_fused",
        bf16=device.bf16,
        use_cpu=device.name == "cpu",
        eval_strategy=when,
        save_strategy=when,
        save_total_limit=3,
        load_best_model_at_end=judged,
        metric_for_best_model="choice",
        greater_is_better=True,
        logging_steps=1,  # averaged later: a sum between two points would be lost with a kill
        report_to=[],
        seed=seed,
        disable_tqdm=True,
        dataloader_pin_memory=False,
        # With several processes: a loss is the mean of its batch, and all weights take part.
        average_tokens_across_devices=False,
        ddp_find_unused_parameters=False,
    )
    # Of several GPUs one: the Trainer would multiply the batch by them, and take fewer steps.
    arguments._n_gpu = min(arguments.n_gpu, 1)
    return arguments


def _longest_first(encoded: Encoded) -> Encoded:
    order = sorted(range(len(encoded)), key=lambda i: -len(encoded.sequences[i]))
    return Encoded([encoded.sequences[i] for i in order], [encoded.labels[i] for i in order])


class _Rows(torch.utils.data.Dataset[dict[str, Any]]):
    def __init__(self, encoded: Encoded) -> None:
        self.encoded = encoded

    def __len__(self) -> int:
        return len(self.encoded)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {
            "input_ids": self.encoded.sequences[index],
            "labels": self.encoded.labels[index],
        }


class _SimilarLengths(LengthGroupedSampler):
    """The library's sampler with an order that depends on seed and epoch alone.

    The library draws it from the global generator, so a resumed epoch would see another order.
    """

    def __init__(self, batch_size: int, lengths: list[int], seed: int) -> None:
        super().__init__(batch_size, lengths=lengths, generator=torch.Generator())
        self.seed = seed
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        self.generator.manual_seed(self.seed * 1000 + self.epoch)
        return iter(super().__iter__())  # type: ignore[no-untyped-call]


class _Trainer(Trainer):
    sampler: _SimilarLengths

    def _get_train_sampler(self, train_dataset: object = None) -> _SimilarLengths:
        return self.sampler


class _Watch(TrainerCallback):
    """Progress, checkpoints between epochs, their seals, and an orderly end on Ctrl-C."""

    def __init__(
        self,
        sampler: _SimilarLengths,
        steps_per_epoch: int,
        work: Work,
        before: Spent,
        tick: Tick,
        on_log: OnLog,
        *,
        saves: bool,
    ) -> None:
        self.sampler = sampler
        self.steps_per_epoch = steps_per_epoch
        self.step_work, self.evaluation_work = work.epoch / steps_per_epoch, work.evaluation
        self.before = before
        self.tick = tick
        self.tell = on_log
        self.saves = saves
        self.began = time.perf_counter()
        self.evaluation_seconds = 0.0
        self.interrupted = False

    def spent(self) -> Spent:
        return Spent(
            self.before.seconds + time.perf_counter() - self.began,
            self.before.evaluation_seconds + self.evaluation_seconds,
            max(self.before.peak_memory_bytes, peak_memory_bytes()),
        )

    def on_train_begin(self, args: object, state: TrainerState, control: object, **_: Any) -> None:
        self.tick(self.step_work * state.global_step)

    def on_epoch_begin(self, args: object, state: TrainerState, control: object, **_: Any) -> None:
        self.sampler.set_epoch(state.global_step // self.steps_per_epoch)

    def on_step_end(
        self, args: object, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        self.tick(self.step_work)
        if not self.saves:
            control.should_training_stop = self.interrupted
            return
        # An epoch's last step is saved after its evaluation: a checkpoint from before it would
        # be gone on from without the evaluation.
        if state.global_step % self.steps_per_epoch and (
            self.interrupted or state.global_step % SAVE_EVERY_STEPS == 0
        ):
            control.should_save = True

    def on_evaluate(self, args: object, state: object, control: object, **more: Any) -> None:
        self.tick(self.evaluation_work)
        self.evaluation_seconds += more["metrics"]["eval_runtime"]

    def on_log(self, args: object, state: TrainerState, control: object, **more: Any) -> None:
        self.tell(state.global_step, dict(more.get("logs") or {}))

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: object, **_: Any
    ) -> None:
        together.wait_for_all()  # each process leaves its state of chance there
        if together.is_first():
            seal(Path(str(args.output_dir)) / f"checkpoint-{state.global_step}", self.spent())
        together.wait_for_all()
        if self.interrupted:
            raise KeyboardInterrupt


def newest_whole(folder: Path) -> tuple[Path, Spent] | None:
    """The newest checkpoint whose files are what they were; those that are not are deleted.

    The trainer remembers its best checkpoint by full path: it is set to where it is now.
    """
    whole: dict[int, tuple[Path, Spent]] = {}
    for checkpoint in folder.glob("checkpoint-*"):
        number, spent = checkpoint.name.rpartition("-")[2], sealed(checkpoint, Spent)
        if spent and number.isdigit():
            whole[int(number)] = (checkpoint, spent)
        else:
            shutil.rmtree(checkpoint, ignore_errors=True)
    for step in sorted(whole, reverse=True):
        checkpoint, spent = whole[step]
        state = json.loads((checkpoint / STATE).read_bytes())
        best_step = state.get("best_global_step")
        if best_step and best_step not in whole:
            # Without its best model the rest of the run could not be what it would have been.
            shutil.rmtree(checkpoint, ignore_errors=True)
            continue
        best = str(folder / f"checkpoint-{best_step}")
        if best_step and state.get("best_model_checkpoint") != best:
            state["best_model_checkpoint"] = best
            (checkpoint / STATE).write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
            seal(checkpoint, spent)
        return checkpoint, spent
    return None


@contextmanager
def _finish_step_on_interrupt(watch: _Watch) -> Iterator[None]:
    """The first Ctrl-C saves a checkpoint after the step in hand; a second one stops at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: FrameType | None) -> None:
        watch.interrupted = True
        signal.signal(signal.SIGINT, usual)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def _metrics(prediction: EvalPrediction, positive: int | None, epoch: float) -> dict[str, Any]:
    scores = np.asarray(prediction.predictions)
    matrix = matrix_of(np.asarray(prediction.label_ids), scores.argmax(-1), scores.shape[-1])
    found = f1_of(matrix, positive)
    # Undefined is worse than any defined F1, where the trainer looks for the best.
    f1 = -1.0 if found is None else found
    return {"f1": f1, "choice": f1 + LATER * epoch, "matrix": matrix.tolist()}


def _record(
    state: TrainerState,
    classifier: Classifier,
    train: Encoded,
    settings: TrainingSettings,
    spent: Spent,
    positive: int | None,
) -> Training:
    steps = [row for row in state.log_history if "loss" in row]
    evaluations = [row for row in state.log_history if "eval_f1" in row]
    best = max(evaluations, key=lambda row: row["eval_choice"], default={"epoch": settings.epochs})
    training_seconds = max(spent.seconds - spent.evaluation_seconds, 1e-9)
    return Training(
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        warmup_share=settings.warmup_share,
        max_tokens=settings.max_tokens,
        precision=classifier.device.precision,
        device=classifier.device.name,
        steps=state.global_step,
        seconds=spent.seconds,
        seconds_per_step=training_seconds / state.global_step,
        messages_per_second=len(train) * settings.epochs / training_seconds,
        peak_memory_bytes=spent.peak_memory_bytes,
        best_epoch=round(best["epoch"]),
        log=_points(steps, max(1, state.global_step // LOG_POINTS)),
        pooling=classifier.pooling,
        label_smoothing=settings.label_smoothing,
        class_weights=settings.class_weights,
        lora_rank=settings.lora_rank,
        history=tuple(_epoch(row, steps, row is best, positive) for row in evaluations),
    )


def _points(steps: Sequence[dict[str, float]], size: int) -> tuple[LogPoint, ...]:
    """The mean loss of each `size` steps; the last point holds what is left."""
    groups = [steps[start : start + size] for start in range(0, len(steps), size)]
    return tuple(
        LogPoint(
            step=int(group[-1]["step"]),
            epoch=group[-1]["epoch"],
            loss=fmean(row["loss"] for row in group),
            learning_rate=group[-1]["learning_rate"],
        )
        for group in groups
    )


def _epoch(
    row: dict[str, Any], steps: Sequence[dict[str, float]], kept: bool, positive: int | None
) -> Epoch:
    number, matrix = round(row["epoch"]), np.array(row["eval_matrix"])
    confusion = confusion_of(matrix) if positive is not None else None
    tp = confusion.true_positive if confusion else 0
    losses = [step["loss"] for step in steps if number - 1 < step["epoch"] <= number]
    return Epoch(
        epoch=number,
        train_loss=fmean(losses),
        validation_loss=row["eval_loss"],
        validation_f1=f1_of(matrix, positive),
        validation_precision=wilson(tp, tp + confusion.false_positive).value if confusion else None,
        validation_recall=wilson(tp, tp + confusion.false_negative).value if confusion else None,
        validation_accuracy=int(np.trace(matrix)) / int(matrix.sum()),
        validation_confusion=confusion,
        kept=kept,
    )
