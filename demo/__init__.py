"""A shop to try Sporløs on: pages of a made-up Norwegian toy and pet shop, and visitors who are simulated.

1. `catalogue.py`  what the shop sells
2. `papers.py`     the same as a product file, and what ads have cost, as real shops have them on file
3. `cart.py`       a cart that travels in the address, since the shop sets no cookie
4. `shop.py`       its pages, with the script tag in them and what others looked at; templates in `pages/`
5. `people.py`     who comes: devices, networks, sources, robots
6. `walk.py`       what one of them does in the shop
7. `visitors.py`   all of them, in time order, as the requests their browsers would send
8. `history.py`    yesterday's and today's until now, at once, into a spool
9. `past.py`       weeks before, counted in a store of their own; what is kept of them are counts and releases
10. `live.py`      sends those requests as time passes
11. `stage.py`     all of this in its order
"""
