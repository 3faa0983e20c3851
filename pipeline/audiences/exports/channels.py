"""Which channel a source and a medium are. Enters: two words of a campaign's key. Leaves: one of `CHANNELS`. Pure.

The collector told it when the visitor came (`channel` of an event), but the table `campaigns` keeps the two words
alone; so this is its rule once more, less the click's number, which nobody kept. A test holds the two together.
"""

CHANNELS = (
    *("paid_search", "paid_social", "paid_other", "email"),
    *("search", "social", "assistant", "campaign", "referral", "direct"),
)
OTHER = "(other)"
UNNAMED = frozenset({"", OTHER, "(unknown)"})
"""Words of a cell that is of nothing in particular."""

_SEARCH = frozenset("google bing duckduckgo yahoo ecosia startpage qwant kvasir yandex baidu brave kagi".split())
_SOCIAL = frozenset(
    "facebook fb instagram ig tiktok pinterest snapchat linkedin twitter x reddit youtube meta threads bluesky".split()
)
_ASSISTANTS = frozenset("chatgpt perplexity gemini claude copilot openai".split())
_PAID = frozenset("cpc ppc paid paidsearch paid_search paidsocial paid_social cpm display banner ads ad".split())
_EMAIL = frozenset("email e-mail newsletter nyhetsbrev epost e-post".split())


def channel_of(source: str, medium: str, campaign: str) -> str:
    """The channel, or `(other)` for what was put together under that name."""
    if OTHER in (source, medium):
        return OTHER
    name, medium = source.lower().partition(".")[0], medium.lower()
    if medium in _EMAIL:
        return "email"
    if medium in _PAID:
        return "paid_social" if name in _SOCIAL else "paid_search" if name in _SEARCH else "paid_other"
    known = ((_SOCIAL, "social"), (_SEARCH, "search"), (_ASSISTANTS, "assistant"))
    other = "campaign" if campaign else "referral" if source else "direct"
    return next((channel for names, channel in known if name in names), other)
