"""The side that knows people, and the way of one request through it.

1. `app.py`       the server, and `collect`: the whole way in about 25 lines
2. `arrival.py`   what a browser brings; personal, short-lived, impossible to serialise
3. `decode/`      bytes to events, one file a dialect
4. `admit.py`     may this come in: site, origin, event name, choice, consent, robots
5. `origin.py`    where a page lives, as browsers spell it
6. `bots.py`      robots by what they call themselves, and who spams with links
7. `lists/`       what these are known by: data, refreshed by `script/lists`
8. `privacy/`     THE AUDITED ROOM: a person goes in, an event comes out
9. `lookups.py`   countries, user agents, hosts: tables in memory that the room is lent
10. `ledger.py`    how the events of a request end, and what is noted of them
11. `accept.py`    into the spool, many requests a commit
12. `reply.py`     outcome to HTTP answer
13. `optout.py`    the page by which a visitor asks not to be counted
14. `beacon/`      the script that shops put on their pages

Around it:

15. `cli.py`       the `sporlos` command: wiring only
16. `settings.py`  what the operator sets; `starter.toml` is one to begin with
17. `site.py`      a shop as its operator describes it
18. `serving.py`   everything on one machine
19. `collector.py` the workers' parent: salts, health, metrics
20. `agreement.py` salts that several collectors agree on
21. `redis.py`     the few words of Redis' protocol that takes, into memory of ours
22. `worker.py`    one worker: a shared port, a spool file of its own
23. `counters.py`  numbers that the workers share
24. `children.py`  child processes, kept running
25. `stopping.py`  when a process is to end
26. `logs.py`      what is printed, and that it is about nobody
27. `office.py`    where a command finds the store
28. `report.py`    `sporlos status`
29. `closing.py`   `sporlos close`
30. `receipts.py`  `sporlos receipts`
"""
