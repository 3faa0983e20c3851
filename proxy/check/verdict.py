"""All judges. Enters: what was seen. Leaves: findings, in the order in which a shop would mend them."""

from proxy.check import consent, delivery, product, script, strangers
from proxy.check.finding import Finding, Level, Word, fault
from proxy.check.observed import STATUS_FAILED, Observations


def judge(seen: Observations) -> tuple[Finding, ...]:
    """What is right and what is wrong with the page."""
    if seen.before.status >= STATUS_FAILED:
        said = f"the page itself is answered with {seen.before.status}"
        return (fault(Word.PAGE_FAILED, said, "check another address, or let this machine in."),)
    found = [*script.judge(seen.before)]
    if seen.before.ran:
        found += [*delivery.judge(seen), *product.judge(seen.before), *consent.judge(seen)]
    return (*found, *strangers.judge(seen))


def has_fault(findings: tuple[Finding, ...]) -> bool:
    """Whether anything must be mended."""
    return any(finding.level is Level.FAULT for finding in findings)
