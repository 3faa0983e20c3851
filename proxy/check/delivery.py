"""What the script sent, and how that was answered. Enters: what was seen. Leaves: findings."""

from collections.abc import Iterator

from proxy.check.finding import Finding, Word, fault, ok, warning
from proxy.check.observed import Observations, Report, Visit
from proxy.check.script import origin

_ACCEPTED = 202
_FULL = 503
_TOLD = {
    "wrong_origin": (
        Word.WRONG_ORIGIN,
        "the collector doesn't take reports for {site} from {origin}",
        'add "{origin}" to `origins` of [[sites]] id = "{site}", and restart.',
    ),
    "unknown_site": (
        Word.UNKNOWN_SITE,
        "the collector has no site {site}",
        "write the id of a [[sites]] section into the tag's data-site.",
    ),
}


def judge(seen: Observations) -> Iterator[Finding]:
    """Whether events arrive, and the expected ones among them."""
    yield from _arrivals(seen.before)
    visits = (seen.before, *([seen.after] if seen.after else []))
    names = {name for visit in visits for name in visit.names}
    for name in seen.expected:
        if name not in names:
            sent = ", ".join(sorted(names)) or "nothing"
            yield fault(
                Word.EXPECTED_MISSING,
                f"{name} was expected and not sent (sent: {sent})",
                f"push it to dataLayer in GA4's form, or call sporlos('{name}', {{…}}): docs/install.md.",
            )


def _arrivals(visit: Visit) -> Iterator[Finding]:
    ends = {*(tag.endpoint for tag in visit.tags), *(report.url for report in visit.reports)}
    against = [
        one for one in visit.violations if one.is_enforced and one.directive == "connect-src" and one.url in ends
    ]
    if against:
        yield fault(
            Word.EVENTS_BLOCKED_BY_CSP,
            "the page's Content-Security-Policy lets the script run and forbids it to report (connect-src)",
            f"add {origin(against[0].url)} to connect-src.",
        )
    elif not visit.reports:
        if not any(tag.mode == "off" for tag in visit.tags):  # consent.py tells of that
            yield fault(
                Word.NOTHING_SENT,
                "the script runs and sent nothing",
                "a call of sporlos('consent', 'off') on this page keeps it silent.",
            )
    else:
        # one finding for each kind of trouble, however many requests ran into it
        yield from dict.fromkeys(_trouble(visit, report) for report in visit.reports if report.status != _ACCEPTED)
        yield from _accepted(visit)


def _accepted(visit: Visit) -> Iterator[Finding]:
    accepted = [report for report in visit.reports if report.status == _ACCEPTED]
    if accepted:
        names = ", ".join(name for report in accepted for name in report.names)
        yield ok(
            Word.EVENTS_ACCEPTED,
            f"reported for {accepted[0].site}: {names}. Not counted: this browser says that it is a program",
        )
    views = visit.names.count("page_view")
    if views > 1:
        yield warning(
            Word.COUNTED_TWICE,
            f"one load of the page was reported as {views} page views",
            "the page changes its address while it loads (history.pushState), or calls sporlos('page_view') itself.",
        )


def _trouble(visit: Visit, report: Report) -> Finding:
    where = origin(visit.url)
    if report.refused in _TOLD:
        word, said, todo = _TOLD[report.refused]
        return fault(word, said.format(site=report.site, origin=where), todo.format(site=report.site, origin=where))
    if report.refused:
        return fault(
            Word.EVENTS_REFUSED,
            f"the collector refused {', '.join(report.names)} as {report.refused}",
            "names beyond GA4's stand in `[sites.events]`; the README lists the limits.",
        )
    if "ERR_BLOCKED_BY" in report.failure:
        return fault(
            Word.EVENTS_BLOCKED_BY_CLIENT,
            f"the browser itself blocked {report.url}",
            "serve the collector under a path of the shop's own domain: docs/install.md, the last part.",
        )
    if not report.status:
        return fault(
            Word.EVENTS_UNREACHABLE,
            f"nothing answered at {report.url} ({report.failure or 'no answer'})",
            "is the collector running, and does whatever stands in front pass this path on?",
        )
    if report.status == _FULL:
        return fault(
            Word.COLLECTOR_FULL,
            "the collector can't store anything (503)",
            "`sporlos status` tells what it waits for; a full disk and a store that is away are the usual reasons.",
        )
    return fault(
        Word.NO_COLLECTOR,
        f"{report.url} is answered with {report.status}, which is not the collector's answer",
        "whatever stands in front must pass POST on to the collector, without a redirect and without another path.",
    )
