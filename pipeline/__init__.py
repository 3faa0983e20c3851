"""What happens to an event after it is anonymised and before it is a number on a page.

The way, in its order:

1. `event.py`    an `Event`: what is left of a visit when the person is gone; one row of the table `events`
2. `regions.py`  what its region is called
3. `outcome.py`  the one word that each event ends as, and the tally that counts them
4. `spool/`      the durable hand-over between the process that visitors talk to and the one that has the database
5. `ship/`       take, settle, deliver: each event once, whatever is killed in between
6. `store/`      ClickHouse, embedded or a server
7. `schema/`     its tables and views, as numbered statements
8. `closing/`    days become counts; `CLOSING.md` says what each of them is
9. `imports/`    days that another tool counted, beside those that we closed
10. `chain.py`   lines of which none can be changed without its showing: for what was dropped, and what has left
11. `retain/`    what is dropped when, each time with a receipt
12. `audiences/` what advertisers get: a few tables a week, with noise
13. `recommendations/` what others looked at, as files for the shop's pages
14. `upkeep.py`  closes and drops, a pass a minute
15. `status.py`  received = stored + refused + duplicate + quarantined + waiting, read at one moment
16. `lock.py`    one process at a time: one store, one writer a spool

Nothing here imports `proxy`: this side has never seen an address, a user agent or a full URL.
"""
