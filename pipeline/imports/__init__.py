"""Days that another tool counted, before we did. They hold like closed days, and say that they are imported.

1. `cells.py`     what an imported day says: counts by one dimension at a time, already cleaned
2. `standing.py`  whether a day may be imported, or why not
3. `keep.py`      into the store by the rules of closing, or out of it again
"""
