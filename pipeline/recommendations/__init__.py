"""What others looked at: small JSON files for the shop's own pages, made of counts. `RECOMMENDATIONS.md` says how.

1. `together.py` what visitors had to do with, and what with what, as closed days and weeks tell it
2. `die.py`      where the steps begin that counts are rounded to, so that no single visitor can be waited for
3. `ranked.py`   products in an order
4. `cards.py`    what is said beside a product, without what can't be bought
5. `shelf.py`    files on the disk, switched all at once
6. `publish.py`  the job: after a day or a week is closed, the files are made anew
"""
