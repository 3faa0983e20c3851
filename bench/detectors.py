"""What it costs to look for persons in a text: ordinary ones, and ones made to be slow. `python -m bench.detectors`.

The least of several rounds counts, since everything else that runs on the machine only adds to it.
"""

import sys
import timeit

from proxy.privacy.detect import suspicious, without_persons

_HOSTILE_CHARACTERS = 4_000
_ROUNDS = 7

_ORDINARY = {
    "a search": "togbane i tre til 3-åring",
    "a product": "LEGO City 60316 Politistasjon",
    "a campaign": "nyhetsbrev-uke47",
    "a segment": "produkter",
    "a long slug": "lego-city-politistasjon-med-helikopter-60316",
    "an EAN": "7012345678900",
    "a price and a date": "749,00 kr til 26.11.2026",
    "a long sentence": "leter etter en gave til en jente på 8 år som er glad i hester og gjerne tegner, men ikke dyr",
    "with an e-mail": "spør anna.olsen@shop.no om det",
    "with a telephone": "ring meg på 998 87 766 i morgen",
}
_PIECES = {
    "digits": "1",
    "digits of a Visa": "4",
    "single digits": "4 ",
    "groups of four": "4111 ",
    "groups of two": "99 ",
    "telephones": "99887766x ",
    "national numbers in parts": "010190 ",
    "dotted": "1.",
    "three parts": "1.1.1 ",
    "pluses": "+47",
    "brackets": "(+",
    "letters": "a",
    "ats": "@",
    "glued ats": "a@",
    "blank ats": " @",
    "bracketed ats": "a(at)",
    "spelled ats": "a at a.",
    "spelled dots": "a dot ",
    "hyphened ats and dots": "a-at-a-dot-",
    "addresses": "a@b.no ",
    "hyphens": "-",
    "hyphened hex": "aaaa-",
    "nearly UUIDs": "12345678-1234-1234-1234-",
    "nearly hashes": "0123456789abcdef0123456789abcdeg ",
    "slugs": "lego-city-politistasjon ",
    "keys": "aB3dE6gH9kL2nP5rS8uW ",
    "one long key": "aB3dE6gH9k",
    "JWT": "eyJ",
    "JWTs": "eyJhbGciOiJub25l.",
    "IBANs": "NO93 ",
    "IBANs in one": "NO93",
    "colons": ":",
    "hex and colons": "a:b:",
    "short hex": "abcdef ",
    "blanks": " ",
    "nested brackets": "(((a",
    "underscores": "_",
    "quotes": "'",
    "entities": "&#0",
}


def _microseconds(text: str, *, prose: bool) -> float:
    timer = timeit.Timer(lambda: without_persons(text, prose=prose))
    number = max(1, int(20_000 / max(1.0, timer.timeit(1) * 1e6)))
    return min(timer.repeat(_ROUNDS, number)) / number * 1e6


def main() -> None:
    """Microseconds a text, in prose and in a code."""
    sys.stdout.write(f"{'ordinary':28}{'prose µs':>10}{'code µs':>10}  closer look\n")
    for name, text in _ORDINARY.items():
        prose, code = (_microseconds(text, prose=prose) for prose in (True, False))
        sys.stdout.write(f"{name:28}{prose:10.2f}{code:10.2f}  {'yes' if suspicious(text) else 'no'}\n")
    sys.stdout.write(f"\n{f'{_HOSTILE_CHARACTERS:,} hostile characters':28}{'prose µs':>10}{'code µs':>10}\n")
    for name, piece in _PIECES.items():
        text = (piece * _HOSTILE_CHARACTERS)[:_HOSTILE_CHARACTERS]
        prose, code = (_microseconds(text, prose=prose) for prose in (True, False))
        sys.stdout.write(f"{name:28}{prose:10.0f}{code:10.0f}\n")


if __name__ == "__main__":
    main()
