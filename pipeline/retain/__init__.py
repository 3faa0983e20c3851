"""What is dropped when, and how that can be checked.

1. `retention.py`  drops the partitions whose time has come, each with a receipt
2. `receipts.py`   a chain of them in which nothing can be changed without its showing
"""
