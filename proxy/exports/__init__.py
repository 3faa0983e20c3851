"""What leaves for advertisers, as asked for on the command line.

1. `command.py`  `sporlos export`: its arguments
"""
