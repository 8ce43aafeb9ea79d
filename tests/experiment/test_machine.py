"""What a machine is found to be able to do; a graphics card is played, as most have none."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

torch = pytest.importorskip("torch")

from pipeline.experiment import machine  # noqa: E402


@pytest.fixture
def settings_of_torch(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Torch's own settings, as they were before, afterwards too."""
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    cudnn, threads = torch.backends.cudnn, torch.get_num_threads()
    was = (torch.get_float32_matmul_precision(), cudnn.allow_tf32, cudnn.benchmark)
    yield
    torch.use_deterministic_algorithms(False)
    torch.set_float32_matmul_precision(was[0])
    cudnn.allow_tf32, cudnn.benchmark = was[1:]
    torch.set_num_threads(threads)
    os.environ.pop("CUBLAS_WORKSPACE_CONFIG", None)


@pytest.mark.usefixtures("settings_of_torch")
@pytest.mark.parametrize(("bf16", "precision"), [(True, "bf16"), (False, "fp32")])
def test_a_graphics_card_is_taken_and_gives_the_same_numbers_each_time(
    monkeypatch: pytest.MonkeyPatch, bf16: bool, precision: str
) -> None:
    """bf16 only where the card multiplies it itself; fp32 is never less than that."""
    asked: list[bool] = []

    def supported(including_emulation: bool = True) -> bool:
        asked.append(including_emulation)
        return bf16 or including_emulation

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    device = machine.prepare_device()
    assert (device.name, device.precision) == ("cuda", precision)
    assert asked == [False]
    assert torch.are_deterministic_algorithms_enabled()
    assert torch.is_deterministic_algorithms_warn_only_enabled()
    assert torch.get_float32_matmul_precision() == "highest"
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cudnn.benchmark
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"


@pytest.mark.usefixtures("settings_of_torch")
def test_each_process_of_a_training_takes_its_own_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `accelerate launch` numbers them on one machine."""
    taken: list[int] = []
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: True)
    monkeypatch.setattr(torch.cuda, "set_device", taken.append)
    assert machine.prepare_device().bf16
    assert taken == [1]


@pytest.mark.parametrize(
    ("library", "known", "precision"),
    [
        (True, {"avx512_bf16": True}, "bf16"),
        (True, {"amx_bf16": True}, "bf16"),
        (True, {"avx512_bf16": False}, "fp32"),  # oneDNN says yes to AVX-512 without them
        (False, {"avx512_bf16": True}, "fp32"),
    ],
)
def test_bf16_is_for_processors_that_multiply_it(
    monkeypatch: pytest.MonkeyPatch, library: bool, known: dict[str, bool], precision: str
) -> None:
    """Without its instructions bf16 is a hundred times slower than fp32."""
    threads = torch.get_num_threads()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: library)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: known)
    try:
        device = machine.prepare_device()
    finally:
        torch.set_num_threads(threads)
    assert (device.name, device.precision) == ("cpu", precision)
    with machine.autocast(device):
        assert torch.is_autocast_enabled("cpu") == device.bf16
