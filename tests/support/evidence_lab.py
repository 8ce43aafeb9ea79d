"""A talk whose experiment of many cells takes no time, for tests of how experiments are run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.config import Config, EvidenceSettings, TalkInfo
from pipeline.experiment.evidence.run import Evidence, Wanted, run_evidence
from pipeline.experiment.plan import Options
from pipeline.measured import Measurement, Value, numbers_in
from support.tiny_model import tiny_experiment


@dataclass
class Lab:
    """A talk in a folder with an experiment that takes no time, and what was said."""

    root: Path
    settings: EvidenceSettings = field(
        default_factory=lambda: EvidenceSettings(sizes=(2, 3, 5), seeds=3)
    )
    said: list[str] = field(default_factory=list)

    @property
    def config(self) -> Config:
        talk = TalkInfo("A tiny talk", "Nobody")
        evidence = {"amount": self.settings}
        return Config(self.root, talk, experiment=tiny_experiment(), evidence=evidence)

    def run(self, **wanted: object) -> Evidence:
        data, model = str(self.root / "messages.tsv"), str(self.root / "model")
        options = Options(data, model, cache=self.root / "cache")
        return run_evidence(self.config, options, Wanted(**wanted), self.said.append)  # type: ignore[arg-type]

    @property
    def kept(self) -> list[Path]:
        return sorted((self.root / "cache" / "evidence").glob("*.json"))


def values_of(found: Evidence | Measurement) -> dict[str, Value]:
    one = found.measurements[0] if isinstance(found, Evidence) else found
    return dict(numbers_in(one.values, one.name))
