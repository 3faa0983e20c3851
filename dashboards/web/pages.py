"""The HTML pages. Enters: a request; leaves: a rendered template. What moves on the page is drawn by its scripts."""

from typing import Any

import jinja2
from aiohttp import web

from dashboards.accounts import LONGEST_NAME, LONGEST_PASSWORD, SHORTEST_PASSWORD
from dashboards.panels import TIMELINE_CHART
from dashboards.period import PERIODS
from dashboards.web import charts
from dashboards.web.gate import OFFICE
from dashboards.web.words import WORDS, language_of, remember

TEMPLATES = web.AppKey("templates", jinja2.Environment)


def templates() -> jinja2.Environment:
    """The templates beside this file; a missing name is an error, not an empty string."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("dashboards.web", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(request: web.Request, template: str, status: int = 200, **values: Any) -> web.Response:  # noqa: ANN401 - a template takes anything
    """Render a template in the asker's language."""
    language = language_of(request)
    values = {"trouble": "", "done": "", **values}
    values |= {"language": language, "words": dict(WORDS[language])}
    values |= {"longest_name": LONGEST_NAME, "shortest": SHORTEST_PASSWORD, "longest": LONGEST_PASSWORD}
    html = request.app[TEMPLATES].get_template(template).render(values)
    response = web.Response(status=status, text=html, content_type="text/html")
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language, Cookie"
    remember(request, response)
    return response


async def show_dashboard(request: web.Request) -> web.Response:
    """`GET /?site=&period=`: the one dashboard; what isn't ours becomes the first site, today."""
    office = request.app[OFFICE]
    if not office.sites:
        raise web.HTTPServiceUnavailable(text="No site is set up here yet.\n")
    shop = office.shop(request.query.get("site", "")) or office.sites[0]
    period = request.query.get("period", "today")
    return page(
        request,
        "dashboard.html",
        shop=shop,
        sites=office.sites,
        period=period if period in PERIODS else "today",
        periods=PERIODS,
        has_users=office.accounts.has_users(),
        has_exports=bool(office.outgoing.advertisers.sites),
        library=charts.NAME,
        chart=TIMELINE_CHART.decode(),
    )


async def show_settings(request: web.Request) -> web.Response:
    """`GET /settings`: what each shop's pages need, and what is kept of their visitors for how long."""
    return page(request, "settings.html", sites=request.app[OFFICE].sites)
