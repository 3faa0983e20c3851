"""When a process is to end. Enters: SIGTERM, SIGINT, or the end of whoever started it. Leaves: an event that is set."""

import asyncio
import os
import signal


def stop_event(lifeline: int | None) -> asyncio.Event:
    """Set once this process should drain and end.

    Args:
        lifeline: reading end of a pipe whose other end the parent holds open as long as it lives. Unlike a signal at
            the parent's death it can't be missed, and unlike a parent's pid it can't be somebody else's.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if lifeline is not None:
        os.set_blocking(lifeline, False)
        loop.add_reader(lifeline, _parent_gone, loop, lifeline, stop)
    return stop


def _parent_gone(loop: asyncio.AbstractEventLoop, lifeline: int, stop: asyncio.Event) -> None:
    loop.remove_reader(lifeline)
    stop.set()
