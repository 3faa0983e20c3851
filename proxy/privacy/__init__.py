"""THE AUDITED ROOM. An `Arrival` and a `RawPage` enter, `Event`s leave, and nothing else of them stays.

1. `forget.py`    the only maker of an `Event`; reads as the list of what is kept
2. `modes.py`     nothing, a count or a measure: consent, signals, country
3. `address.py`   who is the client, and how little of the address is enough
4. `identity.py`  the visitor number and the order key, from the day's salt
5. `salts.py`     the salts: lent by the day, renewed at midnight, wiped
6. `day.py`       the local calendar day: 23, 24 or 25 hours
7. `page.py`      the shared memory that holds them: its layout and its lock
8. `memory.py`    where that page lies: nowhere but in memory
9. `overlap.py`   which visits were open at midnight, for half an hour
10. `reading.py`   what a shop's texts say once they are cleaned
11. `items.py`     the products of an event
12. `scrub.py`     addresses of pages: what of a path and a query may stay
13. `routes.py`    a shop's own patterns for its paths
14. `source.py`    how the visitor found the shop, without the click's number
15. `sensitive.py` assortments that say something about a person
16. `redact.py`    the second line of defence: one spelling, nothing personal
17. `detect.py`    what looks like a person in a text that should not hold one
18. `numbers.py`   what looks like a person among digits
19. `groups.py`    digits as people write them: their groups and what joins them
20. `checks.py`    check digits and lengths, with their sources
21. `caps.py`      how many different values a column may have on one day
22. `coarse.py`    browser, system, device, language, width: a few words each
23. `rate.py`      how much one address, and one visitor, may send
24. `memo.py`      results remembered without what they were made from
25. `shop.py`      what the room is told of a shop, the world and the operator's choices
26. `words.py`     the room's lists, read from `lists/`
27. `lists/`       click ids, hops, order pages, sensitive categories: data, to be read whole

`PROMISES.md` says for each promise what would break it and which test shows that it holds. This room imports the
standard library and `cryptography` only. What it needs to know about the world (countries, user agents, registrable
hosts) is handed in as functions, see `shop.Lookups`.
"""
