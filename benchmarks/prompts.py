"""Ask the pre-trained model after eight examples in several ways, and print how well each tells.

    python -m benchmarks.prompts --draws 10

The test set is split off and never looked at: 400 messages of the rest are told apart, 200 others
choose the threshold, and the examples come from what is left. Data and model are those of the talk
(TALK_DATA, the Hub, the sample). Nothing is kept.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from msgspec.structs import replace

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pipeline.cli.terminal import say  # noqa: E402
from pipeline.config import load_config  # noqa: E402
from pipeline.experiment.data.messages import Message, clean_all  # noqa: E402
from pipeline.experiment.data.split import make_sets  # noqa: E402
from pipeline.experiment.machine import prepare_device  # noqa: E402
from pipeline.experiment.metrics import auc_of, f1_of, matrix_of  # noqa: E402
from pipeline.experiment.plan import Options, experiment_of  # noqa: E402
from pipeline.experiment.progress import Progress  # noqa: E402
from pipeline.experiment.run import find_sources  # noqa: E402

TOLD, CHOSEN_ON = 400, 200
Order = Callable[[list[Message], np.random.Generator], list[Message]]
ORDERS: dict[str, Order] = {
    "labels in turn, the positive one first": lambda drawn, _: drawn,
    "labels in turn, the positive one last": lambda drawn, _: [
        one for pair in zip(drawn[1::2], drawn[::2], strict=True) for one in pair
    ],
    "at random": lambda drawn, chance: [drawn[i] for i in chance.permutation(len(drawn))],
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.prompts",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--draws", type=int, default=10, help="of eight examples (10)")
    draws = parser.parse_args(arguments).draws

    from pipeline.experiment.model.pretrained import load_language_model, load_tokenizer
    from pipeline.experiment.model.prompts import draw, few_shot, said_above, score, threshold_of

    config, options = load_config(ROOT), Options()
    experiment = experiment_of(config)
    data, found = find_sources(config, options, Progress(say, ("prompts",)))
    at = data.labels.positive_place
    if at is None:
        say("error: this talk hunts no label")
        return 1
    sets = make_sets(clean_all(data.raw, data.labels), experiment.seed)
    rest = [*sets.train, *sets.validation]
    order = np.random.default_rng(7).permutation(len(rest)).tolist()
    told = [rest[i] for i in order[: TOLD + CHOSEN_ON]]
    pool = [rest[i] for i in order[TOLD + CHOSEN_ON :]]
    truth = [message.label for message in told]
    tokenizer = load_tokenizer(found.folder)
    asked = load_language_model(found.folder, tokenizer, prepare_device())
    most = experiment.training_of(found.name).max_tokens

    def tried(instruction: str, examples: Sequence[Message]) -> tuple[float, float]:
        """Area under the ROC curve, and F1 with the threshold that others choose."""
        asking = replace(experiment, instruction=instruction)
        prompt = few_shot(asking, tokenizer, data.labels, most, examples)
        given, _ = score(asked, prompt, [message.text for message in told], lambda _: None)
        threshold = threshold_of(given[TOLD:], truth[TOLD:], at)
        said = said_above(given[:TOLD], threshold, at)
        f1 = f1_of(matrix_of(truth[:TOLD], said, len(data.labels.names)), at) or 0.0
        return auc_of(truth[:TOLD], given[:TOLD, at], at) or 0.0, f1

    print("| instruction | order of examples | AUC, mean | lowest | F1, mean | lowest | highest |")
    print("|---|---|---|---|---|---|---|")
    for instruction in dict.fromkeys([experiment.instruction, ""]):
        for name, ordered in ORDERS.items():
            pairs = [
                tried(
                    instruction,
                    ordered(draw(pool, experiment.shots, seed), np.random.default_rng(seed)),
                )
                for seed in range(draws)
            ]
            areas, f1s = zip(*pairs, strict=True)
            row = [np.mean(areas), min(areas), np.mean(f1s), min(f1s), max(f1s)]
            shown = " | ".join(f"{number:.3f}" for number in row)
            print(f"| {'yes' if instruction else 'no'} | {name} | {shown} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
