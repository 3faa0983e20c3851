"""ClickHouse, embedded or a server, or several. Its tables are the files in `schema/`.

1. `database.py`      `Store`: insert, query, command, bring up to date
2. `address.py`       where a server is, and how to get in
3. `connection.py`    clients of the engine or of a server, and what we ask of each
4. `complaint.py`     errors: passing or for good, in plain words
5. `requirements.py`  what a store must be, checked at the start
6. `engine.py`        what the embedded engine may take
7. `listed.py`        a long list of numbers within a query
8. `cluster.py`       a statement as a cluster of servers wants it
"""
