"""Bytes to `RawPage`s: one file a dialect.

1. `native.py`     the script's own, `POST /e`
2. `plausible.py`  Plausible's event API, `POST /api/event`
3. `pixel.py`      a page without scripts, `GET /e.gif`
4. `limits.py`     how long and how many anything may be, for all of them
"""
