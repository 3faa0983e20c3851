"""The back office's pages and the panels' JSON.

1. `app.py`      the routes, wired
2. `gate.py`     who passes, and which headers leave
3. `login.py`    log in, log out, set a password; `session.py` is the cookie, `brake.py` slows guessing down
4. `answers.py`  one panel as JSON
5. `board.py`    everything that one page shows, shared between those who look
6. `pages.py`    the HTML, in the languages of `words.py`; `charts.py` is the chart library
7. `exports.py`  what is made for advertisers, and what leaves the house
8. `feeds.py`    the files that platforms fetch by themselves
"""
