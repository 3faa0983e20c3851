"""What people look at.

1. `office.py`    what the pages need to know, in one frozen value
2. `accounts.py`  who may look: users, API tokens, one-time login links, the session key
3. `period.py`    a site and the days asked about, checked
4. `panels/`      one question is one `.sql` file, with its chart beside it
5. `web/`         login, pages and the panels' JSON
6. `local.py`     the socket by which commands of this machine ask
7. `outgoing.py`  a file for advertisers, or why there is none; `advertisers.py` knows the shops that want them
8. `leaving.py`   what leaves the house, as it is told

Nothing here imports `proxy`: this side has never seen a visitor's address, user agent or full URL.
"""
