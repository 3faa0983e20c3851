"""What the collector promises its senders, in one piece: made of the structs by which the dialects read, never by hand.

1. `shapes.py`    the dialects' structs as JSON Schema, with what their fields mean
2. `doors.py`     every route: what goes in, what is answered, and when
3. `openapi.py`   both as OpenAPI 3.1
4. `reference.py` both to be read: docs/api.md, and the short table of the README
5. `written.py`   what of it lies in the repository; `script/contract` writes it anew
"""
