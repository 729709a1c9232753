"""What leaves a public function in an error: text, files and lines, and none of the library's variables."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import pickle
import sys
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from types import FrameType, FunctionType
from typing import Any

import pytest

from sealscrub.boundary import bound
from sealscrub.errors import UsageError

ROW = "K14618033 Quillfeather"


def frames(error: BaseException) -> list[FrameType]:
    """Frames below this file's own, in an error and in all that depends on it."""
    links, seen = [error], []
    while links:
        link = links.pop()
        if link not in seen:
            seen.append(link)
            within = link.exceptions if isinstance(link, BaseExceptionGroup) else ()
            links += [each for each in (link.__cause__, link.__context__, *within) if each is not None]
    return [frame for link in seen for frame, _ in traceback.walk_tb(link.__traceback__)]


def variables(error: BaseException) -> list[str]:
    return [repr(value) for frame in frames(error) if _is_theirs(frame) for value in frame.f_locals.values()]


def _is_theirs(frame: FrameType) -> bool:
    return frame.f_code.co_name.startswith("fail") or "boundary" in frame.f_code.co_filename


def fail(row: str = ROW) -> None:
    held = [row]
    raise KeyError(len(held))


def fail_from(row: str = ROW) -> None:
    try:
        fail(row)
    except KeyError as error:
        raise ValueError("another") from error


def fail_within(row: str = ROW) -> None:
    try:
        fail(row)
    except KeyError:
        raise ValueError("another")  # noqa: B904 - the case under test


def fail_instead(row: str = ROW) -> None:
    try:
        fail(row)
    except KeyError:
        raise UsageError("another") from None


def fail_together(row: str = ROW) -> None:
    failed = []
    for _ in range(2):
        try:
            fail(row)
        except KeyError as error:
            failed.append(error)
    raise ExceptionGroup("both", failed)


def fail_as_iterated(row: str = ROW) -> Iterator[str]:
    yield "first"
    fail(row)


async def fail_as_awaited(row: str = ROW) -> None:
    await asyncio.sleep(0)
    fail(row)


async def fail_as_streamed(row: str = ROW) -> AsyncIterator[str]:
    yield "first"
    fail(row)


def fail_at_the_end(row: str = ROW) -> None:
    held = [row]
    raise StopIteration(len(held))


def fail_as_a_stream_ends(row: str = ROW) -> None:
    held = [row]
    raise StopAsyncIteration(len(held))


def fail_later(row: str = ROW) -> Iterator[str]:
    return fail_as_iterated(row)


def fail_in_a_closure(row: str = ROW) -> Callable[[], None]:
    def fail_there() -> None:
        fail(row)

    return fail_there


def fail_awaited_later(row: str = ROW) -> Any:
    return fail_as_awaited(row)


def fail_streamed_later(row: str = ROW) -> AsyncIterator[str]:
    return fail_as_streamed(row)


def of_the_library(function: Any) -> Any:
    """Give a function as if it stood in the library's source."""
    return FunctionType(function.__code__, globals() | {"__name__": "sealscrub.made_up"}, None, function.__defaults__)


async def _drain(stream: AsyncIterator[str]) -> None:
    async for _ in stream:
        pass


class Store:
    def __init__(self, row: str, *, fails: bool = False) -> None:
        self.row = row
        if fails:
            fail(row)

    def fail_method(self) -> None:
        fail(self.row)

    @classmethod
    def fail_made(cls, row: str) -> None:
        fail(row)

    @staticmethod
    def fail_alone(row: str) -> None:
        fail(row)

    @property
    def fail_known(self) -> None:
        return fail(self.row)

    @functools.cached_property
    def fail_kept(self) -> None:
        return fail(self.row)

    def __call__(self, row: str) -> None:
        fail(row)

    def __getitem__(self, row: str) -> None:
        fail(row)

    def __iter__(self) -> Iterator[str]:
        yield self.row
        fail(self.row)


def bound_store() -> type[Store]:
    kind = type("Store", (), dict(vars(Store)))
    kind.__module__ = "sealscrub.made_up"
    return bound(kind)


CALLS: dict[str, Callable[[], object]] = {
    "a function": lambda: bound(fail)(ROW),
    "a cause": lambda: bound(fail_from)(ROW),
    "a context": lambda: bound(fail_within)(ROW),
    "a hidden context": lambda: bound(fail_instead)(ROW),
    "a group": lambda: bound(fail_together)(ROW),
    "a generator": lambda: list(bound(fail_as_iterated)(ROW)),
    "a coroutine": lambda: asyncio.run(bound(fail_as_awaited)(ROW)),
    "a stream": lambda: asyncio.run(_drain(bound(fail_as_streamed)(ROW))),
    "a generator that is returned": lambda: list(bound(fail_later)(ROW)),
    "a closure that is returned": lambda: bound(of_the_library(fail_in_a_closure))(ROW)(),
    "a coroutine that is returned": lambda: asyncio.run(bound(fail_awaited_later)(ROW)),
    "a stream that is returned": lambda: asyncio.run(_drain(bound(fail_streamed_later)(ROW))),
    "a cached function": lambda: bound(functools.cache(fail))(ROW),
    "many arguments": lambda: bound(lambda *row, **named: fail(str(row)))(ROW, ROW, ROW, ROW, row=ROW),
    "a constructor": lambda: bound_store()(ROW, fails=True),
    "a method": lambda: bound_store()(ROW).fail_method(),
    "a class method": lambda: bound_store().fail_made(ROW),
    "a static method": lambda: bound_store().fail_alone(ROW),
    "a property": lambda: bound_store()(ROW).fail_known,
    "a call": lambda: bound_store()(ROW)(ROW),
    "an item": lambda: bound_store()(ROW)[ROW],
    "an iteration": lambda: list(bound_store()(ROW)),
    "the end of an iteration": lambda: bound(fail_at_the_end)(ROW),
    "the end of a stream": lambda: bound(fail_as_a_stream_ends)(ROW),
    "a boundary within another": lambda: bound(lambda row: bound(fail)(row))(ROW),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_no_frame_below_the_caller_holds_a_row(call: Callable[[], object]) -> None:
    with pytest.raises((LookupError, ValueError, ExceptionGroup, StopIteration, StopAsyncIteration)) as caught:
        call()

    assert [held for held in variables(caught.value) if ROW in held] == []


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_frames_of_other_libraries_hold_no_rows_either(library: str) -> None:
    make = pytest.importorskip(library).DataFrame

    with pytest.raises(KeyError) as caught:
        bound(lambda row: make({"who": [row]}).pipe(lambda held: fail(str(len(held)))))(ROW)

    theirs = [frame for frame in frames(caught.value) if f"/{library}/" in frame.f_code.co_filename.replace("\\", "/")]
    assert theirs
    assert [frame.f_locals for frame in theirs] == [{} for _ in theirs]


@pytest.mark.parametrize("name", ["a function", "a cause", "a context", "a group", "a generator", "a coroutine"])
def test_files_and_lines_stay(name: str) -> None:
    with pytest.raises((LookupError, ValueError, ExceptionGroup)) as caught:
        CALLS[name]()

    text = "".join(traceback.format_exception(caught.value))
    assert "in fail\n" in text
    assert "raise KeyError(len(held))" in text
    assert "in fail_" in text or name == "a function"


def test_boundaries_within_show_once() -> None:
    nested = bound(lambda row: bound(fail)(row))

    with pytest.raises(KeyError) as caught:
        nested(ROW)

    assert [frame.f_code.co_name for frame in frames(caught.value)][1:] == ["call", "<lambda>", "fail"]


def test_what_the_caller_was_handling_stays() -> None:
    try:
        fail("the caller's own")
    except KeyError as error:
        own = error
        with pytest.raises(UsageError) as caught:
            bound(fail_instead)(ROW)

    assert caught.value.__context__ is own
    assert caught.value.__suppress_context__
    assert [frame.f_locals["row"] for frame in frames(own)[1:]] == ["the caller's own"]


@contextlib.contextmanager
def opened(row: str) -> Iterator[None]:
    held = [row]
    try:
        yield
    finally:
        held.clear()


def test_the_block_of_a_with_keeps_its_variables() -> None:
    with pytest.raises(KeyError) as caught, bound(opened)(ROW):
        fail("the caller's own")

    last = frames(caught.value)[-1]
    assert last.f_code.co_name == "fail"
    assert last.f_locals["row"] == "the caller's own"


def test_an_object_that_an_error_keeps_is_dropped() -> None:
    with pytest.raises(AttributeError) as missing:
        bound(lambda row: row.nothing)(ROW)
    with pytest.raises(UnicodeDecodeError) as undecoded:
        bound(lambda row: row.decode("ascii"))(ROW.encode() + b"\xff")

    assert missing.value.obj is None
    assert undecoded.value.object == b""
    assert "0xff" in str(undecoded.value) or str(undecoded.value)


def _encoded(row: str) -> None:
    (row + "\ud800").encode()


def _translated(row: str) -> None:
    raise UnicodeTranslateError(row, 0, 1, "not in the table")


@pytest.mark.parametrize("fails", [_encoded, _translated])
def test_a_cause_that_keeps_a_text_drops_it(fails: Callable[[str], None]) -> None:
    def caused(row: str) -> None:
        try:
            fails(row)
        except UnicodeError as error:
            raise UsageError("another") from error

    with pytest.raises(UsageError) as caught:
        bound(caused)(ROW)

    cause = caught.value.__cause__
    assert isinstance(cause, UnicodeEncodeError | UnicodeTranslateError)
    assert cause.object == ""
    assert ROW not in repr((cause, cause.args, str(cause)))


def test_nothing_else_changes() -> None:
    def add(first: int, second: int = 2, *, third: int = 3) -> int:
        """Add."""
        return first + second + third

    made = bound(add)

    assert (made.__name__, made.__doc__, inspect.signature(made)) == ("add", "Add.", inspect.signature(add))
    assert made(1) == made(first=1) == made(1, 2, third=3) == 6
    assert bound(made) is made
    assert [each for each in bound(fail_as_iterated)("x").__class__.__mro__] == [type(fail_later("x")), object]  # noqa: C416
    assert inspect.iscoroutinefunction(bound(fail_as_awaited))
    assert list(bound(lambda: (each for each in "ab"))()) == ["a", "b"]


@pytest.mark.parametrize("count", range(5))
def test_arguments_may_be_given_by_name(count: int) -> None:
    names = [f"a{at}" for at in range(count)]
    made: dict[str, Callable[..., list[int]]] = {}
    exec(f"def f({', '.join(f'{name}={at}' for at, name in enumerate(names))}): return [{', '.join(names)}]", made)  # noqa: S102

    run = bound(made["f"])

    assert run() == list(range(count))
    assert run(**dict.fromkeys(names, 7)) == [7] * count
    assert run(*[7] * count) == [7] * count
    with pytest.raises(TypeError, match=r"unexpected keyword argument|takes"):
        run(other=1)


def test_a_generator_is_sent_to_and_closed() -> None:
    ended = []

    def talk() -> Iterator[str]:
        try:
            said = yield "first"
            yield f"heard {said}"
        finally:
            ended.append(True)

    made = bound(talk)()

    assert (next(made), made.send("this")) == ("first", "heard this")
    made.close()
    assert ended == [True]


def test_a_public_function_pickles_by_name() -> None:
    import sealscrub as ss

    assert pickle.loads(pickle.dumps(ss.scrub)) is ss.scrub
    assert pickle.loads(pickle.dumps(ss.filters.guard_text)) is ss.filters.guard_text


def test_a_recursion_that_is_too_deep_leaves() -> None:
    def deeper(row: str) -> None:
        deeper(row)

    with pytest.raises(RecursionError) as caught:
        bound(deeper)(ROW)

    assert not any(frame.f_locals.get("row") for frame in frames(caught.value) if frame is not sys._getframe())
