"""The durable hand-over: a file a collector worker appends to and the shipper takes from.

1. `spool.py`     append, take, settle, acknowledge
2. `file.py`      the SQLite file under it, and its errors in words that say what to do
3. `contents.py`  what rows are about, as far as the spool must know it
4. `reading.py`   batches that go together, as a shipment
5. `shipment.py`  what is on its way: lines, pieces of them, tokens
6. `leaving.py`   lines that leave it otherwise than by being stored
7. `waiting.py`   what a spool holds at one moment
8. `keeping.py`   how long a row may be here
"""
