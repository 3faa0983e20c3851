"""What no client library sends, byte by byte, with a canary wherever a parser might quote it.

Leaves: requests that are complete, after which the server has the word, and halves of requests, after which nobody
speaks any more.
"""

from collections.abc import Iterator

from tests.promises.canaries import AGENT, IPV6
from tests.system.product import BROWSER, SITE

_HEAD = (f"Host: x\r\nConnection: close\r\nX-Forwarded-For: {IPV6[2]}\r\nUser-Agent: {BROWSER} {AGENT}\r\n").encode()
_POST = b"POST /e HTTP/1.1\r\n" + _HEAD
_CHUNKED = _POST + b"Transfer-Encoding: chunked\r\n\r\n"
_SITE = SITE.encode()


def whole_requests(word: bytes, path: bytes) -> Iterator[bytes]:
    """Wrong in one thing each, but with an end. `path`: one of the shop's that may hold the word."""
    yield from _request_lines(word)
    yield from _header_lines(word)
    yield from _lengths(word)
    yield from _chunks(word, path)
    yield from _upgrades(word)
    yield from _trains(word, path)


def half_requests(word: bytes, path: bytes) -> Iterator[bytes]:
    """Cut off in the middle of something that held a canary."""
    body = b'{"s":"%s","u":"https://%s/%s"' % (_SITE, _SITE, path)
    yield word
    yield b"POST /%s" % word
    yield b"POST /e HTTP/1.1\r\nX-Forwarded-For: %s" % word
    yield _POST + b"Cookie: %s" % word
    yield _POST + b"Content-Length: 500\r\n\r\n%s" % body
    yield _POST + b"Content-Length: 500\r\nContent-Encoding: gzip\r\n\r\n%s" % body
    yield _POST + b"Content-Length: 500\r\nExpect: 100-continue\r\n\r\n%s" % body
    yield _CHUNKED + b"100\r\n%s" % body
    yield _CHUNKED + b"%x\r\n%s\r\n" % (len(body), body)
    yield _CHUNKED + b"%x;%s" % (len(body), word)
    yield _CHUNKED + b"ffffffffffffffff\r\n%s\r\n0\r\n\r\n" % word
    yield _CHUNKED + b"0\r\nX-Trailer: %s" % word
    yield b"\x16\x03\x01\x02\x00\x01\x00" + word  # a browser that expects encryption
    yield b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + word
    yield b"\x04\x01\x00\x50" + word + b"\0"  # SOCKS
    yield b"PROXY TCP4 %s 10.0.0.1 1 2\r\n%s" % (word, word)


def slow_request(path: bytes) -> bytes:
    """A body that stalls: the product must lose its patience, and say nothing of what it had got by then."""
    return _POST + b'Content-Length: 900\r\n\r\n{"s":"%s","u":"https://%s/%s"' % (_SITE, _SITE, path)


def _request_lines(word: bytes) -> Iterator[bytes]:
    yield b"GET /%s?%s HTTP/1.1\r\n%s\r\n" % (word, word, _HEAD)
    yield b"%s /e HTTP/1.1\r\n%s\r\n" % (b"".join(word.split())[:20].replace(b"@", b"").replace(b".", b""), _HEAD)
    yield b"%s\r\n%s\r\n" % (word, _HEAD)
    yield b"GET /e %s\r\n%s\r\n" % (word, _HEAD)
    yield b"GET /e HTTP/%s\r\n%s\r\n" % (word, _HEAD)
    yield b"GET %s HTTP/1.1\r\n%s\r\n" % (word, _HEAD)
    yield b"GET /e.gif?s=%s&u=%s HTTP/1.0\r\n%s\r\n" % (_SITE, word, _HEAD)
    yield b"POST /e HTTP/1.0\r\n%sContent-Length: %d\r\n\r\n%s" % (_HEAD, len(word), word)
    yield b"GET /%s\r\n\r\n" % word
    yield b"GET /%s HTTP/0.9\r\n\r\n" % word
    yield b"GET /%s HTTP/9.9\r\n%s\r\n" % (word, _HEAD)
    yield b"GET http://%s@%s/e.gif?s=%s HTTP/1.1\r\n%s\r\n" % (word, _SITE, word, _HEAD)
    yield b"GET http://%s:x/%s HTTP/1.1\r\n%s\r\n" % (word, word, _HEAD)
    yield b"POST http://%s/e HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s" % (_SITE, _HEAD, len(word), word)
    yield b"CONNECT %s:443 HTTP/1.1\r\n%s\r\n" % (word, _HEAD)
    yield b"OPTIONS * HTTP/1.1\r\n%sX-Odd: %s\r\n\r\n" % (_HEAD, word)
    yield b"GET //%s/..%%2f%s HTTP/1.1\r\n%s\r\n" % (word, word, _HEAD)
    yield b"GET /%%zz%s%%0d%%0aX-Odd:%s HTTP/1.1\r\n%s\r\n" % (word, word, _HEAD)
    yield b"GET /e.gif?%s HTTP/1.1\r\n%s\r\n" % (b"&".join([word] * 400), _HEAD)
    yield b"GET /%s HTTP/1.1\r\n%s\r\n" % (word * 900, _HEAD)
    yield b"GET\t/%s\tHTTP/1.1\n%s\n" % (word, _HEAD.replace(b"\r\n", b"\n"))


def _header_lines(word: bytes) -> Iterator[bytes]:
    end = b"Content-Length: 0\r\n\r\n"
    yield _POST + b"%s\r\n" % word + end
    yield _POST + b": %s\r\n" % word + end
    yield _POST + b"%s: %s\r\n" % (word, word) + end
    yield _POST + b"%s : %s\r\n" % (b"X-Odd", word) + end
    yield _POST + b"X-Odd: \x00%s\r\n" % word + end
    yield _POST + b"X-Odd: \xff\xfe%s\r\n" % word + end
    yield _POST + b"X-Odd: a\r\n %s\r\n" % word + end  # folded
    yield _POST + b"X-Odd: a\n%s: b\r\n" % word + end
    yield _POST + b"X-Odd: a\rb: %s\r\n" % word + end
    yield _POST + b"X-Long: %s\r\n" % (word * 900) + end
    yield _POST + b"%s: long\r\n" % (b"X-" + b"a" * 9000 + word) + end
    yield _POST + b"".join(b"X-Odd-%d: %s\r\n" % (number, word) for number in range(150)) + end
    yield _POST + b"Cookie: %s\r\n" % b"; ".join(b"c%d=%s" % (number, word) for number in range(100)) + end
    yield _POST + b"X-Forwarded-For: %s\r\nX-Forwarded-For: %s, %s\r\n" % (word, word, word) + end
    yield _POST + b"User-Agent: %s\r\nUser-Agent: %s\r\nHost: %s\r\n" % (word, word, word) + end
    yield _POST + b"Content-Type: text/plain; charset=%s\r\n" % word + end
    yield _POST + b"Content-Type: %s\r\nContent-Type: multipart/form-data; boundary=%s\r\n" % (word, word) + end
    yield _POST + b"Expect: %s\r\n" % word + end


def _lengths(word: bytes) -> Iterator[bytes]:
    yield _POST + b"Content-Length: %s\r\n\r\n%s" % (word, word)
    yield _POST + b"Content-Length: -5\r\n\r\n%s" % word
    yield _POST + b"Content-Length: %d, %d\r\n\r\n%s" % (len(word), len(word), word)
    yield _POST + b"Content-Length: %d\r\nContent-Length: 3\r\n\r\n%s" % (len(word), word)
    yield _POST + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n%s" % (len(word), word)
    yield _POST + b"Content-Length: 99999999999999999999\r\n\r\n%s" % word
    yield _POST + b"Content-Length: 70000\r\n\r\n" + (word * 70_000)[:70_000]
    yield _POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n%s" % (len(word), word)
    yield _POST + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s" % (word, len(word), word)
    yield _POST + b"Content-Length: %d\r\n\r\n%s%s" % (len(word), word, word)  # more than was said


def _chunks(word: bytes, path: bytes) -> Iterator[bytes]:
    body = b'{"s":"%s","u":"https://%s/%s","e":[{"n":"page_view"}]}' % (_SITE, _SITE, path)
    chunk = b"%x\r\n%s\r\n" % (len(body), body)
    yield _CHUNKED + chunk + b"0\r\n\r\n"
    yield _CHUNKED + chunk + b"0\r\nX-Trailer: %s\r\n%s: %s\r\n\r\n" % (word, word, word)
    yield _CHUNKED + chunk + b"0\r\nX-Trailer: %s\r\n\r\n" % (word * 900)
    yield _CHUNKED + b"%x;name=%s\r\n%s\r\n0\r\n\r\n" % (len(body), word, body)
    yield _CHUNKED + b"%s\r\n%s\r\n" % (word, word)
    yield _CHUNKED + b"3\r\n%s\r\n0\r\n\r\n" % word
    yield _CHUNKED + b"-1\r\n%s\r\n0\r\n\r\n" % word
    yield _CHUNKED + b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    yield _CHUNKED + (b"1000\r\n" + (word * 4096)[:4096] + b"\r\n") * 18 + b"0\r\n\r\n"  # grows too large on its way
    yield _POST + b"Transfer-Encoding: %s\r\n\r\n%s" % (word, chunk)
    yield _POST + b"Transfer-Encoding: %s, chunked\r\n\r\n%s0\r\n\r\n" % (word, chunk)
    yield _POST + b"Transfer-Encoding: gzip, chunked\r\nContent-Encoding: gzip\r\n\r\n" + chunk + b"0\r\n\r\n"


def _upgrades(word: bytes) -> Iterator[bytes]:
    asked = _HEAD.replace(b"Connection: close", b"Connection: Upgrade, close")
    websocket = b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n" % word
    yield b"GET /e HTTP/1.1\r\n" + asked + websocket + b"Sec-WebSocket-Protocol: %s\r\n\r\n%s" % (word, word)
    yield b"POST /e HTTP/1.1\r\n" + asked + websocket + b"Content-Length: %d\r\n\r\n%s" % (len(word), word)
    yield b"GET /%s HTTP/1.1\r\n" % word + asked + b"Upgrade: h2c\r\nHTTP2-Settings: %s\r\n\r\n" % word
    yield b"GET / HTTP/1.1\r\n" + asked + b"Upgrade: %s\r\n\r\n" % word


def _trains(word: bytes, path: bytes) -> Iterator[bytes]:
    """Several requests in one go."""
    kept = _HEAD.replace(b"Connection: close\r\n", b"")
    view = b"GET /e.gif?s=%s&u=https://%s/%s HTTP/1.1\r\n" % (_SITE, _SITE, path)
    post = b"POST /e HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s" % (kept, len(word), word)
    yield (view + kept + b"\r\n") * 5 + view + _HEAD + b"\r\n"
    yield post * 3 + view + _HEAD + b"\r\n"
    yield post + b"%s\r\n\r\n" % word
    yield view + kept + b"\r\n" + b"POST /%s HTTP/1.1\r\n%sContent-Length: x%s\r\n\r\n" % (word, kept, word)
