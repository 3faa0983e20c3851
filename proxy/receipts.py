"""`sporlos receipts`: what was dropped, and whether the chain of receipts holds. Leaves: a list, or a verdict."""

import sys

import aiohttp
import msgspec

from dashboards.receipts import Told
from pipeline.retain.receipts import Receipt
from pipeline.store.database import StoreError
from proxy.office import NoAnswer, ask, desk
from proxy.settings import Settings


async def verify(settings: Settings, noted: str) -> int:
    """Say whether the chain holds. 0: it does; 1: it doesn't, or can't be read."""
    try:
        async with desk(settings) as here:
            verdict = await ask(here.session, "/receipts/verify", Told, noted=noted)
    except (StoreError, NoAnswer, aiohttp.ClientError) as error:
        return _unreadable(error)
    if verdict.broken:
        sys.stdout.write(f"receipt {verdict.broken}: {verdict.why}; {verdict.receipts} before it hold\n")
        return 1
    sys.stdout.write(f"{verdict.receipts} receipts hold; the last hash: {verdict.head}\n")
    return 0


async def show(settings: Settings, *, as_json: bool) -> int:
    """Print all receipts, a page in memory at a time. 0: done; 1: they can't be read."""
    try:
        async with desk(settings) as here:
            first = 0
            while page := await ask(here.session, "/receipts", list[Receipt], **{"from": str(first)}):
                for receipt in page:
                    sys.stdout.write(_json(receipt) if as_json else _line(receipt))
                first = page[-1].number + 1
    except (StoreError, NoAnswer, aiohttp.ClientError) as error:
        return _unreadable(error)
    return 0


def _unreadable(error: Exception) -> int:
    sys.stderr.write(f"can't be read: {error}\n")
    return 1


def _json(receipt: Receipt) -> str:
    return f"{msgspec.json.encode(receipt).decode()}\n"


def _line(receipt: Receipt) -> str:
    held = f"{receipt.rows} rows\t{receipt.bytes} bytes"
    return f"{receipt.number}\t{receipt.at}\t{receipt.what}\t{receipt.span}\t{held}\t{receipt.hash}\n"
