"""What happens to an event after it is anonymised and before it is a number on a page.

The way, in the order of the files:

1. `event.py`    an `Event`: what is left of a visit when the person is gone; one row of the table `events`
2. `outcome.py`  the one word that each event ends as, and the tally that counts them
3. `contents.py`  what a row is about, as far as the spool must know it
4. `spool.py`     the durable hand-over: a file a collector worker appends to and the shipper takes from
5. `spoolfile.py` the SQLite file under it, and its errors in words that say what to do
6. `waiting.py`   what a spool holds at one moment
7. `leaving.py`   lines that leave it otherwise than by being stored
8. `ship.py`      take, settle, deliver: each event once, whatever is killed in between
9. `shipment.py`  what is on its way: lines, pieces of them, tokens
10. `keeping.py`  how long a row may be here
11. `settle.py`   which lines of a shipment don't go: duplicates, and what came too late
12. `deliver.py`  the others into their table; what the store refuses, into the quarantine
13. `store.py`    ClickHouse, embedded or a server; its tables are the numbered files in `schema/`
14. `lock.py`     one process at a time: one store, one writer a spool
15. `status.py`   received = stored + refused + duplicate + quarantined + waiting, read at one moment

Nothing here imports `proxy`: this side has never seen an address, a user agent or a full URL.
"""
