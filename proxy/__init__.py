"""The side that knows people, and the way of one request through it.

1. `routes.py`    which dialect answers where
2. `app.py`       `collect`: the whole way in about 25 lines
3. `arrival.py`   what a browser brings, or a shop's server; personal, short-lived, impossible to serialise
4. `decode/`      bytes to events, one file a dialect
5. `admit.py`     may this come in: site, origin, event name, choice, consent, robots
6. `senders.py`   the shops' own servers, by their tokens
7. `origin.py`    where a page lives, as browsers spell it
8. `bots.py`      robots by what they call themselves, and who spams with links
9. `lists/`       what these are known by: data, refreshed by `script/lists`
10. `privacy/`     THE AUDITED ROOM: a person goes in, an event comes out
11. `lookups.py`   countries, user agents, hosts: tables in memory that the room is lent
12. `places.py`    countries and regions, by a file of the operator's
13. `ledger.py`    how the events of a request end, and what is noted of them
14. `accept.py`    into the spool, many requests a commit
15. `reply.py`     outcome to HTTP answer
16. `optout.py`    the page by which a visitor asks not to be counted
17. `beacon/`      the script that shops put on their pages

Around it:

18. `cli.py`       the `sporlos` command: wiring only
19. `settings.py`  what the operator sets; `starter.toml` is one to begin with
20. `site.py`      a shop as its operator describes it
21. `tag.py`       what a shop pastes into its pages
22. `serving.py`   everything on one machine
23. `collector.py` the workers' parent: salts, health, metrics
24. `agreement.py` salts that several collectors agree on
25. `redis.py`     the few words of Redis' protocol that takes, into memory of ours
26. `worker.py`    one worker: a shared port, a spool file of its own
27. `counters.py`  numbers that the workers share
28. `children.py`  child processes, kept running
29. `stopping.py`  when a process is to end
30. `logs.py`      what is printed, and that it is about nobody
31. `office.py`    where a command finds the store
32. `report.py`    `sporlos status`
33. `closing.py`   `sporlos close`
34. `receipts.py`  `sporlos receipts`
35. `check/`       `sporlos check`: a shop's page, seen from outside
36. `imports/`     what other tools export, read and cleaned
37. `importing.py` `sporlos import`
38. `contract/`   what is promised to senders, as OpenAPI and to be read
39. `exports/`    what leaves for advertisers, as asked for on the command line
40. `exporting.py` `sporlos export`
41. `recommended.py` what others looked at, for the shop's pages
"""
