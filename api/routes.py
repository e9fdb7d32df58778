"""The resources behind the framework: what the hot path hands on, and all of it where there is no hot path."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.responses import Response

from api.problems import Problem
from api.resources import Answer, Asked, record, records
from api.scopes import shown
from api.service import TheCaller, TheService
from api.tokens import Caller
from canonical_model.resources import RESOURCES, Resource


class _OfAResource(StringConvertor):
    """The path of a resource, and no other: what other parts of the API have is theirs, with its own methods."""

    regex = "|".join(RESOURCES)


register_url_convertor("resource", _OfAResource())
router = APIRouter(prefix="/v1")


def asked_of(request: Request, caller: Caller) -> Asked:
    """The parts of the framework's request that an answer depends on."""
    headers = request.headers
    return Asked(caller, request.scope["query_string"], headers.get("if-none-match"), headers.get("purpose"))


def response(request: Request, answer: Answer) -> Response:
    """The framework's form of an answer, with what is left of the caller's rate."""
    headers = {**answer.headers, "ratelimit": request.state.rate_limit}
    return Response(answer.body, answer.status, headers, headers.get("content-type"))


def resource_of(path: str) -> Resource:
    """The resource of a path. Raises Problem 404."""
    if (resource := RESOURCES.get(path)) is None:
        raise Problem("not-found", f"There is no resource {shown(path)}; /docs tells what there is.")
    return resource


@router.api_route("/{path:resource}", methods=["GET", "HEAD"])
async def a_list(path: str, request: Request, service: TheService, caller: TheCaller) -> Response:
    return response(request, await records(service, RESOURCES[path], asked_of(request, caller)))


@router.api_route("/{path:resource}/{identity}", methods=["GET", "HEAD"])
async def a_record(path: str, identity: str, request: Request, service: TheService, caller: TheCaller) -> Response:
    return response(request, await record(service, RESOURCES[path], identity, asked_of(request, caller)))
