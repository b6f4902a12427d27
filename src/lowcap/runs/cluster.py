"""A Dask cluster as an executor: cells are retried where workers die, and no wait is for ever.

Dask itself reads pickles that its scheduler and workers send: they must be trusted.
"""

import asyncio
import concurrent.futures
import contextlib
import logging
import pickle
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Coroutine
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any

from lowcap.errors import RunError, SettingsError
from lowcap.runs.elsewhere import CellFailed, Sent
from lowcap.runs.hands import Answer, hold, stop_hands, work_here
from lowcap.runs.machine import deciding_versions
from lowcap.runs.roster import Roster

DEATHS = 3
"""How often the process of a cell may die, in a worker that lives on, before the cell fails."""

WORKER_DEATHS = 12
"""How many workers may die, each with the cell on it, before the cell fails. More, since most
workers die of other reasons than the cells that they have."""

WAIT = 60.0
"""Seconds to wait for a worker, unless told otherwise."""

_BEAT = 0.5
_PATIENCE = 10.0


class ClusterLost(BrokenExecutor):
    """The cluster cannot go on; the message says why, and what to do."""


class ClusterExecutor(Executor):
    """Computes on the workers of a Dask scheduler; close it with `shutdown`, or use it in `with`.

    Args:
        address: of the scheduler, such as "tcp://10.0.0.1:8786".
        wait: seconds to wait for a worker, whenever there is none.
        say: called with a line about each worker that is refused.

    Raises:
        SettingsError: Dask is not installed, or the address is none.
        RunError: no scheduler answers there.
    """

    def __init__(
        self, address: str, *, wait: float = WAIT, say: Callable[[str], None] = lambda line: None
    ) -> None:
        if not wait > 0:
            raise SettingsError(f"--wait {wait:g}: must be above 0")
        try:
            import distributed
        except ImportError as error:
            raise SettingsError("--scheduler needs Dask: pip install 'lowcap[dask]'") from error
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # it is told in our own words
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
        self._dask: Any = distributed
        self._address, self._wait, self._roster = address, wait, Roster(say)
        self.run = f"lowcap-{uuid.uuid4().hex}"
        self.ahead = 0
        """Cells to hand out before the first is done, so that no worker waits."""
        self._jobs: set[Future] = set()
        self._shared: dict[str, Any] = {}
        self._lost: ClusterLost | None = None
        self._ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()
        self._ready.result()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future:
        """Compute `fn(*args, sent)`; an argument that is `Sent` goes to each worker once.

        What `fn` raises comes as `CellFailed`.
        """
        assert not kwargs
        if self._lost is not None:
            raise self._lost
        sent = next((one for one in args if isinstance(one, Sent)), None)
        work = pickle.dumps((fn, tuple(one for one in args if not isinstance(one, Sent))))
        future: Future = Future()
        self._jobs.add(future)
        self._loop.call_soon_threadsafe(self._begin, future, work, sent)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End: what is queued or being computed is cancelled unless it was waited for."""
        if wait and not cancel_futures:
            concurrent.futures.wait(list(self._jobs))
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join(_PATIENCE)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.shutdown(cancel_futures=kind is not None)

    # All below runs in a thread of its own, as Dask's client does.

    def _live(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            if not self._ready.done():
                self._ready.set_exception(error)
            else:
                self._break(f"the connection to the scheduler {self._address} failed ({error})")

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self._tasks: set[asyncio.Task] = set()
        try:
            client = await self._dask.Client(
                self._address,
                asynchronous=True,
                timeout=min(self._wait, _PATIENCE),
                name="lowcap",
                set_as_default=False,
            )
        except (OSError, TimeoutError) as error:
            raise RunError(f"{self._address}: no scheduler answers there") from error
        except ValueError as error:
            raise SettingsError(f"--scheduler {self._address}: {error}") from error
        self._client = client
        self._ready.set_result(None)
        try:
            await self._watch()
        finally:
            for task in list(self._tasks):
                task.cancel()
            await self._leave()

    async def _leave(self) -> None:
        """End what workers still compute for this run, and say goodbye."""
        with contextlib.suppress(Exception):  # idle processes end by themselves
            if self._roster.fitting and self._client.status == "running":
                workers = sorted(self._roster.fitting)
                ask = self._client.run(stop_hands, self.run, workers=workers, on_error="ignore")
                await asyncio.wait_for(ask, 5)
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._client.close(timeout=1), 3)

    async def _watch(self) -> None:
        """Look after the workers, until the end."""
        heard = since = time.monotonic()
        seen: set[str] = set()
        while not self._over.is_set():
            if self._client.status != "running":
                self._gone()
                return
            now = time.monotonic()
            try:
                threads = await asyncio.wait_for(self._client.nthreads(), _PATIENCE)
            except (OSError, TimeoutError):
                if now - heard >= max(self._wait, 3 * _PATIENCE):
                    self._gone()
                    return
                await asyncio.sleep(_BEAT)
                continue
            heard = now
            if new := set(threads) - seen:
                self._keep(self._examine(new))
            self._roster.here = seen = set(threads)
            self.ahead = 2 * sum(threads.values())
            if self._roster.fitting or not self._jobs:
                since = now
            elif now - since >= self._wait:
                self._break(self._roster.nobody(self._address, self._wait))
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), _BEAT)

    def _keep(self, work: Coroutine[Any, Any, None]) -> asyncio.Task:
        """Work on the side, ended with everything else."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _examine(self, workers: set[str]) -> None:
        """Refuse those of some new workers whose versions differ."""
        try:
            found = await self._client.run(
                deciding_versions, workers=sorted(workers), on_error="return"
            )
        except OSError:  # it is asked of each worker again, with its first cell
            return
        self._roster.examine(found)

    def _gone(self) -> None:
        self._break(
            f"the scheduler {self._address} is gone; finished cells are kept, the same command "
            "goes on from there once it is back"
        )

    def _break(self, reason: str) -> None:
        """All that is under way ends with this reason."""
        self._lost = self._lost or ClusterLost(reason)
        for future in list(self._jobs):
            self._settle(future, error=self._lost)

    def _settle(self, future: Future, value: Any = None, error: Exception | None = None) -> None:
        self._jobs.discard(future)
        if future.done() or not future.set_running_or_notify_cancel():
            return
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)

    def _begin(self, future: Future, work: bytes, sent: Sent | None) -> None:
        if self._lost is not None:
            self._settle(future, error=self._lost)
            return
        task = self._keep(self._carry(future, work, sent))

        def cancelled(ended: Future) -> None:
            if ended.cancelled():
                self._jobs.discard(ended)
                self._loop.call_soon_threadsafe(task.cancel)

        future.add_done_callback(cancelled)

    async def _carry(self, future: Future, work: bytes, sent: Sent | None) -> None:
        """Bring one cell to its end, however many workers that takes."""
        deaths = worker_deaths = 0
        while self._lost is None:
            answer = await self._attempt(work, sent)
            if isinstance(answer, int):
                worker_deaths += answer
                if worker_deaths >= WORKER_DEATHS:
                    line = f"{worker_deaths} workers died with it"
                    self._settle(future, error=CellFailed(line))
                    return
            elif answer.kind == "died":
                deaths += 1
                if deaths >= DEATHS:
                    self._settle(future, error=CellFailed(f"{deaths} times {answer.value}"))
                    return
            elif answer.kind == "failed":
                self._settle(future, error=CellFailed(answer.value))
                return
            elif answer.kind == "done":
                self._settle(future, answer.value)
                return
            # A worker that refused to work is remembered as such, and another one asked.

    async def _attempt(self, work: bytes, sent: Sent | None) -> Answer | int:
        """The answer of some worker, or how many died."""
        roster = self._roster
        while roster.refused and not roster.fitting and self._lost is None:
            await asyncio.sleep(_BEAT)  # for a worker that fits, or the end
        only = sorted(roster.fitting) if roster.refused else None
        attempt = self._client.submit(
            work_here,
            self.run,
            work,
            self._share(sent) if sent is not None else None,
            key=f"lowcap-{uuid.uuid4().hex}",
            pure=False,
            workers=only,
        )
        waiting = asyncio.ensure_future(attempt.result())
        try:
            while not waiting.done():
                await asyncio.wait([waiting], timeout=4 * _BEAT if only else None)
                if only and not waiting.done() and not roster.fitting & set(only):
                    return 0  # nobody whom it was meant for is left
            if waiting.cancelled():  # as all futures are when the scheduler is lost
                if self._client.status != "running":
                    self._gone()
                return 1
            worker, answer = waiting.result()
        except self._dask.KilledWorker as error:
            return error.allowed_failures + 1
        except ImportError:  # there is no lowcap: the worker will be refused
            await asyncio.sleep(_BEAT)
            return 0
        except Exception as error:  # Dask's own trouble, such as a result lost with its worker
            await asyncio.sleep(_BEAT)
            return Answer("died", f"its worker failed ({type(error).__name__}: {error})")
        finally:
            waiting.cancel()
            attempt.release()
        if answer.kind == "refused":
            roster.refuse(worker, answer.value)
        return answer

    def _share(self, sent: Sent) -> Any:
        """Data on the cluster: made there again if the worker that had them dies."""
        held = self._shared.get(sent.sha256)
        if held is None or held.status not in ("pending", "finished"):
            key = f"lowcap-data-{uuid.uuid4().hex}"
            held = self._client.submit(hold, sent, key=key, pure=False)
            self._shared[sent.sha256] = held
        return held
