"""One request, encoded in every way that a client, a proxy or a prankster might. Leaves: bodies with their headers."""

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

METHODS = "GET POST PUT PATCH DELETE HEAD OPTIONS TRACE CONNECT KANARI".split()
ROUTES = "/e /api/event /e.gif /s.js /opt-out / /mp/collect /v1/events /healthz /metrics /status /login".split()

Encoded = tuple[bytes, dict[str, str]]


def writings(secret: str) -> Iterator[str]:
    """As it is, within words, among what may stand beside it, and percent-encoded once, wholly, and twice."""
    yield secret
    yield f"til {secret} her"
    yield f"({secret})"
    yield quote(secret, safe="")
    yield "".join(f"%{byte:02X}" for byte in secret.encode())
    yield quote(quote(secret, safe=""), safe="")


def encoded(sent: dict[str, Any]) -> Iterator[Encoded]:
    """A good body in all encodings: some are read, most are refused, none may be quoted."""
    text = json.dumps(sent, ensure_ascii=False)
    plain = text.encode()
    escaped = "".join(f"\\u{ord(c):04x}" if c.isalnum() or c in "@:. -" else c for c in text)
    yield plain, {}
    yield _inside_strings(sent).encode(), {}
    yield escaped.encode(), {}
    yield b"\xef\xbb\xbf" + plain, {}
    for charset in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp037"):
        yield text.encode(charset, "replace"), {"Content-Type": f"application/json; charset={charset}"}
        yield text.encode(charset, "replace"), {}
    yield from _compressed(plain)
    yield plain, {"Content-Type": "application/json"}
    yield plain, {"Content-Type": "application/json; charset=no-such-charset"}
    yield quote(text).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    yield urlencode({"data": text}).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    part = f'--b\r\nContent-Disposition: form-data; name="e"; filename="{text[:60]}"\r\n\r\n{text}\r\n--b--\r\n'
    yield part.encode(), {"Content-Type": "multipart/form-data; boundary=b"}
    yield part.encode()[:-20], {"Content-Type": "multipart/form-data; boundary=b"}


def _inside_strings(sent: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """JSON in which every character of every text is an escape."""
    if isinstance(sent, dict):
        return "{" + ",".join(f"{_inside_strings(key)}:{_inside_strings(value)}" for key, value in sent.items()) + "}"
    if isinstance(sent, list):
        return "[" + ",".join(map(_inside_strings, sent)) + "]"
    if isinstance(sent, str):
        return '"' + "".join(f"\\u{ord(character):04x}" for character in sent) + '"'
    return json.dumps(sent)


def _compressed(plain: bytes) -> Iterator[Encoded]:
    zipped = gzip.compress(plain)
    raw = zlib.compressobj(wbits=-15)
    yield zipped, {"Content-Encoding": "gzip"}
    yield zlib.compress(plain), {"Content-Encoding": "deflate"}
    yield raw.compress(plain) + raw.flush(), {"Content-Encoding": "deflate"}
    yield gzip.compress(zipped), {"Content-Encoding": "gzip, gzip"}
    yield zipped, {"Content-Encoding": "deflate"}
    yield zipped[: len(zipped) // 2], {"Content-Encoding": "gzip"}
    yield zipped[:-8] + b"wrong sum"[:8], {"Content-Encoding": "gzip"}
    yield gzip.compress(plain * 300), {"Content-Encoding": "gzip"}
    yield gzip.compress(plain, 0), {"Content-Encoding": "gzip"}
    yield plain, {"Content-Encoding": "gzip"}
    yield plain, {"Content-Encoding": "br"}
    yield plain, {"Content-Encoding": "zstd"}
    yield zipped, {}


def broken_bodies(sent: dict[str, Any], secret: str) -> Iterator[bytes]:
    """JSON that isn't, or that no parser expects: complete requests all the same."""
    good = json.dumps(sent, ensure_ascii=False)
    word = json.dumps(secret, ensure_ascii=False)
    yield from (text.encode("utf-8", "surrogatepass") for text in _broken_texts(good, word))
    yield good.encode().replace(secret.encode(), b"\xff\xfe" + secret.encode())
    yield good.encode().replace(secret.encode(), b"\xed\xa0\x80" + secret.encode())
    yield b"\0" + secret.encode()
    yield secret.encode() * (70_000 // len(secret.encode()))
    yield (good[:-1] + f', "x": "{secret * 3000}"' + "}").encode()


def _broken_texts(good: str, word: str) -> Iterator[str]:
    yield good[: len(good) // 2]
    yield good[:-1]
    yield good + word
    yield good + good
    yield good.replace('"', "'")
    yield good.replace(":", "=")
    yield good[:-1] + ",}"
    yield good[:-1] + f', "s": {word}' + "}"  # the same key twice
    yield f'{{"s": {word}, ' + good[1:]
    yield good[:-1] + f', "x": {word}: {word}' + "}"
    yield good[:-1] + f', "x": {word[:-1]}' + "}"
    yield good[:-1] + f', "x": {word[:-1]}\\q"' + "}"
    yield good[:-1] + f', "x": {word[:-1]}\\ud800"' + "}"
    yield good[:-1] + f', "x": {word[:-1]}\n\0"' + "}"
    yield good[:-1] + f', "w": {word[1:-1]}' + "}"
    yield good[:-1] + f', "w": 1e999, "x": {word}' + "}"
    yield good[:-1] + f', "w": NaN, "x": {word}' + "}"
    yield f"/* {word} */ {good}"
    yield "[" * 2000 + word
    yield '{"x":' * 2000 + word
    yield f"[{good}]"
    yield f"[{word}, {word}]"
    yield word
    yield word[1:-1]
    yield ""
