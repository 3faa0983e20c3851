"""The back office's pages and the panels' JSON.

`app.py` wires the routes; `gate.py` decides who passes and which headers leave; `session.py` the cookie; `brake.py` slows
guessing down; `login.py` log in, log out, set a password; `answers.py` one panel as JSON; `board.py` everything that
one page shows, shared between those who look; `pages.py` and `words.py` the page and its two languages; `charts.py` the
chart library.
"""
