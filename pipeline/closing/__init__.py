"""Closing: rows about visits become counts about nobody, while the rows are still there.

`CLOSING.md` says what each count means, and why a kill does no harm.

1. `day.py`    a day's events, in slices, into `daily`, and what must wait for its week
2. `span.py`   a week or a month of closed days into `weekly`, and small cells that are large enough by now
3. `due.py`    which days, weeks and months can be closed, or must be again since something came late
"""
