"""``/api/v1/policies``: what is asked of the costs, and what came of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from fastapi import Query as InQuery
from fastapi.responses import Response
from pydantic import Field

from finops.app.policies.policy_files import PolicyFiles, PolicyListing
from finops.app.policies.test_results import PolicyTests
from finops.errors import Malformed
from finops.model.finding import State
from finops.model.policy import Policy
from finops.web.api.answer import Document, PageQuery, answer, encoded, encoded_document, page_of
from finops.web.published import PublishedState

_NO_POLICY = "No such policy. See /api/v1/policies."


class PolicyDocument(Document):
    """One policy as its file says it now."""

    name: str
    kind: str = Field(examples=["Budget"])
    owner: str
    description: str
    digest: str = Field(description="Digest of the policy's content; unaffected by comments and layout")
    file: str = Field(description="Path relative to finops.yaml", examples=["policies/checkout.yaml"])
    line: int
    tests: list[str] = Field(description="Test files")
    states: dict[State, int] = Field(description="Number of its latest verdicts in each state")


class OnePolicyDocument(PolicyDocument):
    """A policy with its text."""

    text: str = Field(description="The document as written")


class PolicyFaultsDocument(Document):
    """What is wrong with the policy files now. While there is anything, the last good policies are shown."""

    faults: list[str] = Field(examples=[["policies/checkout.yaml:6:10: unknown column 'tema'. Did you mean 'team'?"]])


class PolicyTestDocument(Document):
    """One test of a policy."""

    name: str
    place: str = Field(description="File and line", examples=["policies/checkout.test.yaml:1"])
    passed: bool
    faults: list[str] = Field(description="Differences from the expected result")


class PoliciesQuery(PageQuery):
    """Which policies are wanted; all that is said must hold."""

    kind: str | None = Field(default=None, description="Filter by kind", examples=["Budget"])
    owner: str | None = Field(default=None, description="Filter by owner")


def policies_of(board: PublishedState, files: PolicyFiles, tests: PolicyTests) -> APIRouter:
    """The routes of policies."""
    router = APIRouter(tags=["policies"])

    @router.get(
        "/policies",
        summary="List policies, by name",
        description="Invalid files keep their last valid policies here; `/api/v1/policy-faults` lists errors.",
        response_model=list[PolicyDocument],
    )
    def policies(request: Request, query: Annotated[PoliciesQuery, InQuery()]) -> Response:
        listing = _known(files)
        wanted = [
            policy
            for policy in listing.policies
            if query.kind in {None, policy.kind} and query.owner in {None, policy.owner}
        ]
        page = wanted[query.offset : query.offset + query.limit]
        states = _states(board)
        documents = [PolicyDocument.model_validate(_facts(policy, listing, files, states)) for policy in page]
        return page_of(request, query, [encoded_document(one) for one in documents], len(wanted))

    @router.get("/policy-faults", summary="List errors in policy files", response_model=PolicyFaultsDocument)
    def faults(request: Request) -> Response:
        return answer(request, encoded_document(PolicyFaultsDocument(faults=list(files.listing().faults))))

    @router.get(
        "/policies/{name}",
        summary="Get a policy with its text",
        response_model=OnePolicyDocument,
        responses={404: {"description": "No such policy"}},
    )
    def policy(request: Request, name: str) -> Response:
        listing = _known(files)
        for one in listing.policies:
            if one.name == name:
                facts = {**_facts(one, listing, files, _states(board)), "text": one.text}
                return answer(request, encoded_document(OnePolicyDocument.model_validate(facts)))
        raise HTTPException(404, _NO_POLICY)

    @router.get(
        "/policies/{name}/tests",
        summary="Run the tests of a policy",
        description="Results are cached until a file changes.",
        response_model=list[PolicyTestDocument],
        responses={404: {"description": "No such policy"}},
    )
    def outcomes(request: Request, name: str) -> Response:
        if not any(one.name == name for one in _known(files).policies):
            raise HTTPException(404, _NO_POLICY)
        try:
            found = tests.of(name)
        except Malformed as error:
            raise HTTPException(503, "Some policy files are invalid; see /api/v1/policy-faults.") from error
        documents = [
            PolicyTestDocument(
                name=one.name, place=files.place_of_line(one.place), passed=not one.faults, faults=list(one.faults)
            )
            for one in found
        ]
        return answer(request, encoded([document.model_dump(mode="json") for document in documents]))

    return router


def _known(files: PolicyFiles) -> PolicyListing:
    listing = files.listing()
    if listing.faults and not listing.policies:
        raise HTTPException(
            503, f"Some policy files are invalid; the first error: {listing.faults[0]}", {"Retry-After": "60"}
        )
    return listing


def _states(board: PublishedState) -> Mapping[str, Counter[State]]:
    """Policy -> how many of its newest findings are in each state."""
    snapshot = board.current.snapshot if board.current else None
    counts: defaultdict[str, Counter[State]] = defaultdict(Counter)
    for finding in snapshot.findings if snapshot else ():
        counts[finding.policy][finding.state] += 1
    return counts


def _facts(
    policy: Policy, listing: PolicyListing, files: PolicyFiles, states: Mapping[str, Counter[State]]
) -> dict[str, object]:
    counts = states.get(policy.name, Counter())
    return {
        "name": policy.name,
        "kind": policy.kind,
        "owner": policy.owner,
        "description": policy.description,
        "digest": policy.digest,
        "file": files.place(policy.file),
        "line": policy.line,
        "tests": list(listing.tests.get(policy.name, ())),
        "states": {state: counts[state] for state in State},
    }
