"""Bytes to `RawPage`s: one file a dialect.

1. `native.py`     the script's own, `POST /e`
2. `product.py`    a product as a page shows it, in the native body
3. `extra.py`      what the script's tag asked for besides, in the native body
4. `plausible.py`  Plausible's event API, `POST /api/event`
5. `ga4.py`        Google's Measurement Protocol, `POST /mp/collect`
6. `ga4_debug.py`  what is wrong with a request of it, `POST /debug/mp/collect`
7. `server.py`     a shop's own server, `POST /v1/events`
8. `pixel.py`      a page without scripts, `GET /e.gif`
9. `scalars.py`    texts and numbers as other people's trackers send them
10. `amount.py`    a number as data layers and markup write it
11. `limits.py`     how long and how many anything may be, for all of them
"""
