"""Robots by what they call themselves. Enters: a user agent. Leaves: yes or no.

The list is the package `crawler-user-agents`, kept by its community and refreshed with the dependencies.
"""

import crawleruseragents

_SHORTEST = 12
"""No browser's user agent is shorter; libraries' are (`curl/8.5.0`)."""


def is_robot(user_agent: str) -> bool:
    """Whether the sender says that it is a program, or says nothing, which no browser does."""
    if len(user_agent) < _SHORTEST:
        return True
    return bool(crawleruseragents.is_crawler(user_agent))
