"""Whether the visitor's choice arrives. Enters: what was seen. Leaves: findings. Nothing here is legal advice."""

from collections.abc import Iterator

from proxy.check.finding import Finding, Word, fault, ok, warning
from proxy.check.observed import Observations, Visit

_MEASURE = "measure"
_CALL = "sporlos('consent', 'measure')"


def judge(seen: Observations) -> Iterator[Finding]:
    """Before a choice nothing may say yes; after it the next page must."""
    visit = seen.before
    if any(tag.mode == "off" for tag in visit.tags) and not visit.reports:
        yield warning(
            Word.SWITCHED_OFF,
            'data-mode="off" in the tag: nothing is reported until the page says more',
            f"right only if the page calls {_CALL} or 'count' after a choice.",
        )
    elif _is_measured(visit) and visit.consent.has_tool and not visit.consent.is_granted:
        yield fault(
            Word.MEASURED_WITHOUT_CONSENT,
            "the page says 'measure' while its consent tool says no",
            f"call {_CALL} in the banner's own callback, not in the template.",
        )
    else:
        yield _before(visit, will_accept=bool(seen.accepting))
    if seen.after:
        yield _after(seen.after)
    elif seen.accepting:
        yield fault(
            Word.CONSENT_BUTTON_MISSING,
            f"there is nothing to press at {seen.accepting}",
            "name the button that agrees, as CSS or text=Godta; a banner in a frame can't be pressed from here.",
        )


def _is_measured(visit: Visit) -> bool:
    return any(report.mode == _MEASURE for report in visit.reports)


def _before(visit: Visit, *, will_accept: bool) -> Finding:
    if _is_measured(visit):
        if visit.consent.is_granted:
            return ok(Word.CONSENT_ARRIVES, "the page's consent tool says yes, and the visit is measured")
        return warning(
            Word.MEASURED_WITHOUT_CONSENT,
            "the page says 'measure' though nobody has chosen anything, and no consent tool is seen",
            "right where the country allows it, or where the page remembers a choice for everybody who comes.",
        )
    if visit.consent.has_tool or will_accept:
        more = "" if will_accept else "; --accept SELECTOR presses the banner's button and looks again"
        return ok(Word.CONSENT_WAITS, f"without a choice nothing is measured but what the profile allows{more}")
    return warning(
        Word.NO_CONSENT_TOOL,
        "neither Google Consent Mode nor an IAB TCF banner is on the page: the site's profile decides alone",
        f"where visits are to be measured after a choice, the banner's callback calls {_CALL}, on each page.",
    )


def _after(visit: Visit) -> Finding:
    if _is_measured(visit):
        return ok(Word.CONSENT_ARRIVES, "after the button was pressed the next page is measured")
    why = "" if visit.consent.is_granted or not visit.consent.has_tool else " (the page's consent tool still says no)"
    return fault(
        Word.CONSENT_NEVER_GRANTED,
        f"the button was pressed, and the next page is still not measured{why}",
        f"the choice must be told on each page: Consent Mode's analytics_storage, TCF, or {_CALL}.",
    )
