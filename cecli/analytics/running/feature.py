"""One use of a feature, measured: a block, a call, or a generator from its first item to its end.

Owns the clock, the outcome, and which kinds of functions can be decorated. Recording the use is the
recorder's.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Generator
from functools import wraps

from cecli import TYPE_CHECKING
from cecli.analytics.running import crash

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, TypeVar

    _F = TypeVar("_F", bound=Callable[..., Any])

# The flags of a code object, as inspect names them: to import that takes 4 ms.
_GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x200


class Feature:
    """Measures a feature: each ``with`` block, or each call of a function that it decorates."""

    def __init__(self, record: Callable[[float, str], object]) -> None:
        """Measure for *record*, which takes the seconds and the outcome of one use."""
        self._record = record
        self._starts: list[float] = []

    def __enter__(self) -> None:
        self._starts.append(time.perf_counter())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        outcome = "completed"
        if kind is not None:
            ended = not issubclass(kind, Exception) or crash.names(kind) & crash.ENDS
            outcome = "interrupted" if ended else "failed"
        self._record(round(time.perf_counter() - self._starts.pop(), 3), outcome)

    def __call__(self, function: _F) -> _F:
        """Return *function*, measured: what a call of it takes, and what it awaits and yields.

        A coroutine function stays one, a generator function too, and both in one. Of what is no
        function with ``def``, a ``partial`` or an object that can be called, the call alone is
        measured.
        """
        record = self._record
        flags = getattr(getattr(function, "__code__", None), "co_flags", 0)

        async def awaited(*args: Any, **named: Any) -> Any:
            with Feature(record):
                return await function(*args, **named)

        async def generated_async(*args: Any, **named: Any) -> AsyncGenerator[Any, Any]:
            with Feature(record):
                items = function(*args, **named)
                try:
                    step = items.__anext__()
                    while True:
                        try:
                            item = await step
                        except StopAsyncIteration:
                            return
                        try:
                            sent = yield item
                        except GeneratorExit:
                            raise
                        except BaseException as error:  # noqa: BLE001 - the function's to handle
                            step = items.athrow(error)
                        else:
                            step = items.asend(sent)
                finally:
                    await items.aclose()

        def generated(*args: Any, **named: Any) -> Generator[Any, Any, Any]:
            with Feature(record):
                return (yield from function(*args, **named))

        def called(*args: Any, **named: Any) -> Any:
            with Feature(record):
                return function(*args, **named)

        measured: Callable[..., Any] = called
        if flags & _COROUTINE:
            measured = awaited
        elif flags & _ASYNC_GENERATOR:
            measured = generated_async
        elif flags & _GENERATOR:
            measured = generated
        return wraps(function)(measured)  # type: ignore[return-value]
