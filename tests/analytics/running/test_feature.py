"""What a decorated function does is measured, and stays what it was."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any

import pytest

from cecli.analytics.running.feature import Feature

Seen = list[tuple[float, str]]


class Abort(RuntimeError):
    """Stands for click's: what counts is the name."""


Abort.__module__ = "click.exceptions"


@pytest.fixture
def seen() -> Seen:
    return []


@pytest.fixture
def feature(seen: Seen) -> Feature:
    return Feature(lambda seconds, outcome: seen.append((seconds, outcome)))


def outcomes(seen: Seen) -> list[str]:
    return [outcome for _, outcome in seen]


def test_a_coroutine_is_measured_for_as_long_as_it_is_awaited(feature: Feature, seen: Seen) -> None:
    @feature
    async def fetch(text: str) -> str:
        await asyncio.sleep(0)
        assert seen == []
        return text

    pending = fetch("milk")
    assert seen == []
    assert asyncio.run(pending) == "milk"
    assert outcomes(seen) == ["completed"]


def test_coroutines_that_run_at_once_are_measured_each_by_itself(
    feature: Feature, seen: Seen
) -> None:
    @feature
    async def fetch(gate: asyncio.Event, fails: bool) -> None:
        await gate.wait()
        if fails:
            raise ValueError

    async def main() -> None:
        gate = asyncio.Event()
        tasks = [asyncio.ensure_future(fetch(gate, fails)) for fails in (True, False, True)]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(main())
    assert sorted(outcomes(seen)) == ["completed", "failed", "failed"]


def test_a_coroutine_that_is_cancelled_was_interrupted(feature: Feature, seen: Seen) -> None:
    @feature
    async def wait() -> None:
        await asyncio.Event().wait()

    async def main() -> None:
        task = asyncio.ensure_future(wait())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())
    assert outcomes(seen) == ["interrupted"]


def test_a_generator_is_measured_from_its_first_item_to_its_end(
    feature: Feature, seen: Seen
) -> None:
    @feature
    def count() -> Generator[int, str, str]:
        sent = yield 1
        try:
            yield len(sent)
        except KeyError:
            yield 3
        return "end"

    items = count()
    assert (next(items), items.send("four"), items.throw(KeyError())) == (1, 4, 3)
    assert seen == []
    with pytest.raises(StopIteration) as ended:
        next(items)
    assert ended.value.value == "end"
    assert outcomes(seen) == ["completed"]


def test_an_async_generator_is_measured_from_its_first_item_to_its_end(
    feature: Feature, seen: Seen
) -> None:
    @feature
    async def count() -> AsyncGenerator[int, str]:
        sent = yield 1
        try:
            yield len(sent)
        except KeyError:
            yield 3

    async def main() -> None:
        items = count()
        assert [await items.__anext__(), await items.asend("four")] == [1, 4]
        assert await items.athrow(KeyError()) == 3
        assert seen == []
        with pytest.raises(StopAsyncIteration):
            await items.__anext__()

    asyncio.run(main())
    assert outcomes(seen) == ["completed"]


def test_a_generator_that_is_left_was_interrupted_and_cleans_up(
    feature: Feature, seen: Seen
) -> None:
    cleaned = []

    @feature
    def count() -> Generator[int, None, None]:
        try:
            yield 1
        finally:
            cleaned.append("sync")

    @feature
    async def count_async() -> AsyncGenerator[int, None]:
        try:
            yield 1
        finally:
            cleaned.append("async")

    async def main() -> None:
        items = count_async()
        await items.__anext__()
        await items.aclose()

    left = count()
    next(left)
    left.close()
    asyncio.run(main())
    assert cleaned == ["sync", "async"]
    assert outcomes(seen) == ["interrupted", "interrupted"]


def _sync() -> None:
    """Do."""


async def _coroutine() -> None:
    """Do."""


def _generator() -> Generator[int, None, None]:
    """Do."""
    yield 1


async def _async_generator() -> AsyncGenerator[int, None]:
    """Do."""
    yield 1


KINDS = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)


@pytest.mark.parametrize("function", [_sync, _coroutine, _generator, _async_generator])
def test_a_function_stays_of_its_kind_and_keeps_its_name(
    feature: Feature, function: Callable[..., Any]
) -> None:
    measured = feature(function)
    assert [kind(measured) for kind in KINDS] == [kind(function) for kind in KINDS]
    assert (measured.__name__, measured.__doc__) == (function.__name__, "Do.")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ValueError, "failed"),
        (KeyboardInterrupt, "interrupted"),
        (SystemExit, "interrupted"),
        (Abort, "interrupted"),
    ],
)
def test_an_exception_goes_on_its_way(
    feature: Feature, seen: Seen, error: type[BaseException], outcome: str
) -> None:
    @feature
    def fail() -> None:
        raise error

    with pytest.raises(error):
        fail()
    assert outcomes(seen) == [outcome]


def test_a_function_that_calls_itself_is_measured_each_time(feature: Feature, seen: Seen) -> None:
    @feature
    def count(number: int) -> int:
        return number and count(number - 1)

    count(2)
    assert outcomes(seen) == ["completed"] * 3


def test_of_a_partial_the_call_is_measured(feature: Feature, seen: Seen) -> None:
    assert feature(functools.partial(int, "7"))() == 7
    assert outcomes(seen) == ["completed"]
