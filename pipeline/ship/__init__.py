"""From the spools into ClickHouse: each event once, whatever is killed in between.

1. `shipper.py`  take, settle, deliver, acknowledge; what fails is tried again for ever
2. `settle.py`   which lines of a shipment don't go: duplicates, and what came too late
3. `deliver.py`  the others into their table; what the store refuses, into the quarantine
4. `ahead.py`    meanwhile a look at what comes next
5. `rest.py`     how long what failed is left alone
"""
