"""The side that knows people, and the way of one request through it.

1. `app.py`       the server, and `collect`: the whole way in about 25 lines
2. `arrival.py`   what a browser brings; personal, short-lived, impossible to serialise
3. `decode/`      bytes to events, one file a dialect
4. `admit.py`     may this come in: site, origin, prefetch, robot, event name
5. `bots.py`      robots by what they call themselves
6. `privacy/`     THE AUDITED ROOM: a person goes in, an event comes out
7. `lookups.py`   countries, user agents, hosts: tables in memory that the room is lent
8. `accept.py`    into the spool, many requests a commit
9. `reply.py`     outcome to HTTP answer
10. `beacon/`     the script that shops put on their pages

Around it:

11. `cli.py`       the `sporlos` command: wiring only
12. `settings.py`  what the operator sets; `starter.toml` is one to begin with
13. `serving.py`   everything on one machine
14. `collector.py` the workers' parent: salts, health, metrics
15. `worker.py`    one worker: a shared port, a spool file of its own
16. `counters.py`  numbers that the workers share
17. `children.py`  child processes, kept running
18. `stopping.py`  when a process is to end
19. `logs.py`      what is printed, and that it is about nobody
20. `report.py`    `sporlos status`
"""
