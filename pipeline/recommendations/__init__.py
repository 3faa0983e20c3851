"""What others looked at: small JSON files for the shop's own pages, made of counts. `RECOMMENDATIONS.md` says how.

1. `together.py` what visitors had to do with, and what with what, as closed days and weeks tell it
2. `ranked.py`   products in an order
3. `cards.py`    what is said beside a product, without what can't be bought
4. `shelf.py`    files on the disk, switched all at once
5. `publish.py`  the job: after a day or a week is closed, the files are made anew
"""
