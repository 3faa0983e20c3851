"""What happens to an event after it is anonymised and before it is a number on a page.

The way, in the order of the files:

1. `event.py`    an `Event`: what is left of a visit when the person is gone; one row of the table `events`
2. `outcome.py`  the one word that each event ends as, and the tally that counts them
3. `spool.py`    the durable hand-over: a file a collector worker appends to and the shipper takes from
4. `ship.py`     take, insert, acknowledge: each event once, whatever is killed in between
5. `store.py`    ClickHouse, embedded or a server; its tables are the numbered files in `schema/`
6. `lock.py`     one process at a time: one store, one writer a spool
7. `status.py`   received = refused + stored + waiting, read at one moment

Nothing here imports `proxy`: this side has never seen an address, a user agent or a full URL.
"""
