"""THE AUDITED ROOM. An `Arrival` and a `RawPage` enter, `Event`s leave, and nothing else of them stays.

1. `forget.py`    the only maker of an `Event`; reads as the list of what is kept
2. `address.py`   who is the client, and how little of the address is enough
3. `identity.py`  the visitor number and the order key, from the day's salt
4. `salts.py`     the salts: lent by the day, renewed at midnight, wiped
5. `page.py`      the shared memory that holds them: its layout and its lock
6. `memory.py`    where that page lies: nowhere but in memory
7. `overlap.py`   which visits were open at midnight, for half an hour
8. `scrub.py`     addresses of pages: what of a path and a query may stay
9. `redact.py`    what looks like a person in a text that should not hold one
10. `source.py`   how the visitor found the shop, without the click's number
11. `coarse.py`   browser, system, device, language, width: a few words each
12. `rate.py`     how much one address may send, counted without the address
13. `memo.py`     results remembered without what they were made from

This room imports the standard library and `cryptography` only. What it needs to know about the world (countries,
user agents, registrable hosts) is handed in as functions, see `forget.Lookups`.
"""
