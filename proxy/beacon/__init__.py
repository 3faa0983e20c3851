"""The script that shops put on their pages.

`s.js` is its source, to be read; `s.min.js` and its `.gz` and `.br` are made of it by `script/beacon` and are what is
served; `script.py` serves them. What it sends is the native body, see `decode/native.py`; it stores nothing on the
device, and asks it for nothing before consent.
"""
