"""What of the contract lies in the repository. Run by `script/contract`, which writes it anew; a test knows when to.

Leaves: docs/openapi.json, docs/api.md, and the README's table, between two marks.
"""

import json
from pathlib import Path

from proxy.contract.openapi import openapi
from proxy.contract.reference import document, summary

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- contract: made by script/contract -->", "<!-- /contract -->"


def written() -> dict[str, str]:
    """File → what must be in it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return {
        "docs/openapi.json": json.dumps(openapi(), indent=1, ensure_ascii=False) + "\n",
        "docs/api.md": document(),
        "README.md": f"{before}{BEGIN}\n{summary()}\n{END}{after}" if END in rest else readme,
    }


if __name__ == "__main__":
    for name, content in written().items():
        (ROOT / name).write_text(content, encoding="utf-8")
