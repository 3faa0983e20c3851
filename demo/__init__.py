"""A shop to try Sporløs on: pages of a made-up Norwegian toy and pet shop, and visitors who are simulated.

1. `catalogue.py`  what the shop sells
2. `cart.py`       a cart that travels in the address, since the shop sets no cookie
3. `shop.py`       its pages, with the script tag in them; templates in `pages/`
4. `people.py`     who comes: devices, networks, sources, robots
5. `walk.py`       what one of them does in the shop
6. `visitors.py`   all of them, in time order, as the requests their browsers would send
7. `live.py`       sends those requests as time passes
"""
