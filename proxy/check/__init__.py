"""`sporlos check https://…`: a page of the shop, seen as a visitor's browser sees it, and what is wrong with it.

1.  `asked.py`      what is to be looked at
2.  `command.py`    looks, and tells: lines or JSON, and an exit code
3.  `chromium.py`   loads the page; `watch.js` listens from its start, `look.js` reads what is there at its end
4.  `traffic.py`    what the network brings meanwhile
5.  `observed.py`   what was seen, as values
6.  `verdict.py`    all judges, one after the other; each turns what was seen into findings
7.  `finding.py`    ok, warning or fault, in one word and two sentences
8.  `script.py`     is our script there, and does it run
9.  `delivery.py`   what it sent, and how that was answered
10. `product.py`    whether the page's product was found
11. `consent.py`    whether the visitor's choice arrives
12. `strangers.py`  who else is on the page; known by `trackers.txt`, and by `more_trackers.txt`, which is kept here

Nothing of the collector is imported: the page is judged from outside, by what any browser could see.
"""
