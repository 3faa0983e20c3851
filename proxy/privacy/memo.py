"""Results remembered without what they were made from: a cache that holds no URL, no user agent and no address.

Enters: texts. Leaves: what a pure function makes of it, from memory the second time. The key is Python's keyed hash of
the text (SipHash), whose key is drawn at the start of the process and dies with it; two texts of one hash among the few
thousand that are kept are less likely than a broken disk.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """A pure function of texts. Forgets everything when `most` results are kept, and begins again."""

    def __init__(self, function: Callable[..., T], most: int) -> None:
        self._function = function
        self._most = most
        self._results: dict[int, T] = {}
        self.__doc__ = function.__doc__

    def __call__(self, *texts: str) -> T:
        """The result for these texts."""
        key = hash(texts)
        try:
            return self._results[key]
        except KeyError:
            result = self._function(*texts)
        if len(self._results) >= self._most:
            self._results.clear()
        self._results[key] = result
        return result

    def forget(self) -> None:
        """Begin anew."""
        self._results.clear()


def remembered(most: int) -> Callable[[Callable[..., T]], Remembered[T]]:
    """Remember up to `most` results of the function below."""
    return lambda function: Remembered(function, most)
