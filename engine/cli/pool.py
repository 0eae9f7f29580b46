"""Does a job in several processes, of which each may die: that costs the input it worked on, and no other."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import selectors
import signal
import sys
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from ..error import Message, Place
from .interrupt import held_signals, on_interrupt
from .job import Job, Outcome, perform

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from .find import Input

Product = TypeVar("Product")

_LARGEST_SHARE = 16  # inputs that are sent to a process at once
_SHARES = 4  # at least, for each process
_MOST = 128  # processes: each takes an open file of the first one

_RESULTS = tuple(Outcome.__annotations__)[1:]  # but for the input, which the first process has


@contextmanager
def perform_all(
    job: Job[Product], inputs: Sequence[Input], texts: Sequence[bytes]
) -> Iterator[Iterator[Outcome[Product]]]:
    """The outcome of the job for every input, in their order; `texts` holds what standard input gave.

    All processes are gone at the end, and when the program is interrupted.
    """
    pool = _Pool(job, inputs, texts)
    with on_interrupt(pool.kill):
        try:
            pool.start()
            yield pool.outcomes()
        finally:
            pool.kill()


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    share: deque[int]  # the inputs that it has not answered for, the one it works on first


class _Pool(Generic[Product]):
    def __init__(self, job: Job[Product], inputs: Sequence[Input], texts: Sequence[bytes]) -> None:
        self._job = job
        self._inputs = inputs
        self._texts = texts
        self._size = min(job.processes, len(inputs), _MOST)
        size = max(1, min(_LARGEST_SHARE, len(inputs) // (_SHARES * self._size)))
        starts = range(0, len(inputs), size)
        self._waiting = deque(deque(range(start, min(start + size, len(inputs)))) for start in starts)
        self._workers: dict[Connection, _Worker] = {}
        self._selector = selectors.DefaultSelector() if sys.platform != "win32" else None
        self._done: dict[int, Outcome[Product]] = {}
        # A copy of this process has the rules and the modules loaded; elsewhere than on Linux that is not safe.
        self._context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)

    def start(self) -> None:
        """Start the processes, before anything starts a thread."""
        for _ in range(self._size):
            self._start_worker()

    def outcomes(self) -> Iterator[Outcome[Product]]:
        for index in range(len(self._inputs)):
            while index not in self._done:
                self._receive()
            yield self._done.pop(index)

    def kill(self) -> None:
        for worker in list(self._workers.values()):
            worker.process.kill()
        for worker in list(self._workers.values()):
            worker.process.join()

    def _start_worker(self) -> None:
        """Start one more process. Raises OSError if there can be none at all."""
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(ours, theirs, self._job), daemon=True)
        try:
            with held_signals():
                process.start()
                self._workers[ours] = _Worker(process, deque())
                if self._selector is not None:
                    self._selector.register(ours, selectors.EVENT_READ)
        except OSError:
            ours.close()
            if not self._workers:
                raise
        else:
            self._give_share(ours)
        finally:
            theirs.close()

    def _give_share(self, connection: Connection) -> None:
        if self._waiting:
            share = self._waiting.popleft()
            self._workers[connection].share = share
            with suppress(OSError):  # it died, and is buried when that is noticed
                connection.send([(self._inputs[index], self._texts[index]) for index in share])

    def _receive(self) -> None:
        for connection in self._ready():
            worker = self._workers[connection]
            try:
                found = pickle.loads(connection.recv_bytes())  # noqa: S301 - from a process of ours
            except (EOFError, OSError):
                self._bury(connection)
                continue
            index = worker.share.popleft()
            self._done[index] = Outcome(self._inputs[index], *found)
            if not worker.share:
                self._give_share(connection)

    def _ready(self) -> list[Connection]:
        """The connections of processes that have answered, or died; at least one."""
        if self._selector is None:
            return cast("list[Connection]", wait(list(self._workers)))
        return [cast("Connection", key.fileobj) for key, _ in self._selector.select()]  # made once, not for each wait

    def _bury(self, connection: Connection) -> None:
        """Report the input that a dead process worked on; another process does what is left of its share."""
        worker = self._workers.pop(connection)
        if self._selector is not None:
            self._selector.unregister(connection)
        connection.close()
        worker.process.join()
        if worker.share:
            index = worker.share.popleft()
            item = self._inputs[index]
            message = Message("error", _describe(worker.process.exitcode), Place(item.name))
            self._done[index] = Outcome(item, (message,), failed=True)
        if worker.share:
            self._waiting.appendleft(worker.share)
        if self._waiting:
            self._start_worker()


def _describe(exit_code: int | None) -> str:
    code = exit_code or 0
    if code == -signal.SIGKILL:
        return "the process that worked on this file was killed; if memory is short, use fewer --jobs"
    how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
    return f"the process that worked on this file {how}"


def _work(theirs: Connection, connection: Connection, job: Job[Product]) -> None:
    """What a process does: the job for every input it is sent, until the first process has gone.

    `theirs` is the other end, of which a copy of the first process has a copy; it must be closed to see that.
    """
    theirs.close()
    try:
        while True:
            for item, text in connection.recv():
                outcome = perform(job, item, text)
                found = [getattr(outcome, name) for name in _RESULTS]  # which costs less than the outcome as such
                connection.send_bytes(pickle.dumps(found, pickle.HIGHEST_PROTOCOL))
    except (EOFError, OSError):
        os._exit(0)
    except Exception:  # noqa: BLE001 - the first process tells which input it was
        os._exit(1)
