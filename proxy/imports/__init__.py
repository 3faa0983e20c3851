"""What other tools export, read: files go in, days of cleaned counts come out. One file a tool.

1. `table.py`      zips and CSV files as lines, each with its place for who has to mend it
2. `cell.py`       a count as a file tells it, with whatever stands there still in it
3. `plausible.py`  Plausible Analytics: the zip of its settings' "Export data"
4. `ga4.py`        Google Analytics 4: explorations and reports, as CSV
5. `matomo.py`     Matomo: reports of its HTTP API, as CSV
6. `umami.py`      Umami: rows of visits, which are counted and kept nowhere
7. `names.py`      what the tools call browsers, systems, devices, channels, in our words
8. `cleaning.py`   each value through the audited room, as if a visitor's page had sent it
9. `days.py`       all files' counts of a day together
10. `command.py`   the arguments of `sporlos import`

They are on this side of the house since their files hold what we never keep: addresses of customers in paths, search
parameters, numbers of visitors.
"""
