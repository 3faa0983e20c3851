"""What is dropped when, and how that can be checked.

1. `partitions.py`  what there is to drop
2. `retention.py`   drops the partitions whose time has come, each with a receipt
3. `untimely.py`    what is of a day to come, since a clock was ahead
4. `receipts.py`    a chain of them in which nothing can be changed without its showing
"""
