"""The side that knows people, and the way of one request through it.

1. `app.py`       the server, and `collect`: the whole way in about 25 lines
2. `arrival.py`   what a browser brings; personal, short-lived, impossible to serialise
3. `decode/`      bytes to events, one file a dialect
4. `admit.py`     may this come in: site, origin, prefetch, robot, event name
5. `origin.py`    where a page lives, as browsers spell it
6. `bots.py`      robots by what they call themselves
7. `privacy/`     THE AUDITED ROOM: a person goes in, an event comes out
8. `lookups.py`   countries, user agents, hosts: tables in memory that the room is lent
9. `accept.py`    into the spool, many requests a commit
10. `reply.py`     outcome to HTTP answer
11. `beacon/`     the script that shops put on their pages

Around it:

12. `cli.py`       the `sporlos` command: wiring only
13. `settings.py`  what the operator sets; `starter.toml` is one to begin with
14. `serving.py`   everything on one machine
15. `collector.py` the workers' parent: salts, health, metrics
16. `worker.py`    one worker: a shared port, a spool file of its own
17. `counters.py`  numbers that the workers share
18. `children.py`  child processes, kept running
19. `stopping.py`  when a process is to end
20. `logs.py`      what is printed, and that it is about nobody
21. `report.py`    `sporlos status`
"""
