"""Child processes: started, started again if they die, ended in good order.

Enters: a command line. Leaves: a process that is there as long as we are.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

_FIRST_RESTART_SECONDS, _LONGEST_RESTART_SECONDS = 0.1, 10.0
_HEALTHY_SECONDS = 10.0
_DRAIN_SECONDS = 30.0

log = structlog.get_logger("sporlos.children")


class Child:
    """One child. It holds the reading end of a pipe of ours and ends when we do.

    Args:
        name: for the log.
        arguments: of `python -m proxy.cli`.
        pass_fds: file descriptors that it inherits under the same numbers.
        on_end: called each time it has ended, however it did.
    """

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        pass_fds: Sequence[int] = (),
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self._arguments = tuple(arguments)
        self._pass_fds = tuple(pass_fds)
        self._on_end = on_end
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._wake = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self.restarts = 0

    def start(self) -> None:
        """Start it and keep it running."""
        self._keeper = asyncio.create_task(self._keep())

    async def once(self) -> int:
        """Run it to its end, which is not mended; its exit code.

        Raises:
            OSError: no process could be made.
        """
        return await self._run()

    @property
    def pid(self) -> int | None:
        """Its process id, while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def gave_up(self) -> int | None:
        """Its exit code, if it said that starting again would not help (2: the settings are wrong)."""
        code = self._process.returncode if self._process else None
        return code if code == 2 else None  # noqa: PLR2004 - the command line's own meaning

    async def stop(self) -> None:
        """Ask it to drain and wait until it has; end it if it takes too long."""
        self._stopping = True
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), _DRAIN_SECONDS)
            except TimeoutError:
                log.error("child did not drain in time", child=self.name)
                self._process.kill()
        if self._keeper is not None:
            self._wake.set()
            await self._keeper

    async def _keep(self) -> None:
        delay = _FIRST_RESTART_SECONDS
        loop = asyncio.get_running_loop()
        while not self._stopping:
            started = loop.time()
            try:
                code = await self._run()
            except OSError as error:  # no process could be made: no memory, or too many of them
                log.error("child can't be started", child=self.name, reason=error.strerror)
                code = -1
            self._on_end()
            if self._stopping or self.gave_up is not None:
                return
            self.restarts += 1
            delay = _FIRST_RESTART_SECONDS if loop.time() - started > _HEALTHY_SECONDS else delay * 2
            delay = min(delay, _LONGEST_RESTART_SECONDS)
            log.error("child ended, starting it again", child=self.name, code=code, seconds=delay)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), delay)

    async def _run(self) -> int:
        reading, writing = os.pipe()
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "proxy.cli", *self._arguments, "--lifeline", str(reading),
                pass_fds=(*self._pass_fds, reading),
                start_new_session=True,  # Ctrl-C reaches us alone, and we end the children in order
            )  # fmt: skip
            os.close(reading)
            reading = -1
            if self._stopping:
                self._process.terminate()
            return await self._process.wait()
        finally:
            os.close(writing)
            if reading >= 0:
                os.close(reading)
