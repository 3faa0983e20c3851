"""The contract as OpenAPI 3.1. Leaves: the document, as plain values."""

from typing import Any

from proxy.contract import shapes
from proxy.contract.doors import Answer, Door, doors

_TOKEN = "shop"  # noqa: S105 - the scheme's name
_VERSION = "1"
"""Of the contract, not of the product: it rises when a sender that was right would be wrong."""


def openapi() -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for door in doors():
        paths.setdefault(door.path, {})[door.method.lower()] = _operation(door)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sporløs: the collector",
            "version": _VERSION,
            "description": "What a shop's pages and servers can report. Made by script/contract of the code itself.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": shapes.schemas(),
            "securitySchemes": {_TOKEN: {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(door: Door) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "tags": [door.chapter],
        "summary": door.says,
        "responses": {str(status): _response(answer) for status, answer in door.answers.items()},
    }
    parameters = [
        {"name": name, "in": "query", "required": name in door.required, "schema": schema}
        for name, schema in door.query.items()
    ]
    if "{version}" in door.path:
        version = {"type": "string", "description": "The first 8 digits of the SHA-384 of the script."}
        parameters.append({"name": "version", "in": "path", "required": True, "schema": version})
    if "{product}" in door.path:
        product = {"type": "string", "description": "Its id, percent-encoded."}
        parameters.append({"name": "product", "in": "path", "required": True, "schema": product})
    if parameters:
        operation["parameters"] = parameters
    if door.bodies:
        content = {kind: {"schema": schema} for kind, schema in door.bodies.items()}
        size = f"At most {door.most:,} bytes."
        operation["requestBody"] = {"required": True, "description": size, "content": content}
    if door.by_token:
        operation["security"] = [{_TOKEN: []}]
    return operation


def _response(answer: Answer) -> dict[str, Any]:
    response: dict[str, Any] = {"description": answer.says}
    if answer.headers:
        response["headers"] = {
            name: {"description": says, "schema": {"type": "string"}} for name, says in answer.headers.items()
        }
    if answer.content:
        response["content"] = {answer.content: {"schema": answer.schema}}
    return response
