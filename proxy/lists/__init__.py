"""Lists of what isn't a visitor, as data to be read whole; no code.

1. `isbot.txt`          expressions found in robots' user agents, kept by the isbot project
2. `programs.txt`       words of libraries, office tools and screenshot services, kept here
3. `people.txt`         expressions of people's user agents that a list would take for a robot's, kept here
4. `referrer_spam.txt`  hosts that send visits nobody made, kept by the Matomo project
"""
