"""What advertisers get: a few tables a week, of counts with noise. `AUDIENCES.md` says what they are and why.

1. `shop.py`        what the shop has said of itself: catalogue, campaigns, areas, spending
2. `catalogue.py`   its product file, read
3. `spend.py`       what advertising has cost, as the shop writes it down
4. `tables.py`      which tables there are, how much of each one visitor-day can be, what each costs
5. `contribute.py`  a day that is closed leaves its visitor-days' bounded sums
6. `noise.py`       sums get noise, once
7. `public.py`      which cells a table can have, where the shop has said so
8. `release.py`     the job: a week that is closed is drawn and written down, or refused
9. `ledger.py`      what was released; never drawn again
10. `released.py`   a week as the ledger has it
11. `readings.py`   what a week says of a product, and how far noise moves it
12. `tiers.py`      numbers become steps that don't flicker
13. `exports/`      files that platforms take, made of ledger rows alone
14. `persons.py`    no file holds a person: what looks like one is refused
15. `likeness.py`   what looks like one
"""
