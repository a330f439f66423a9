"""``/api/v1/policies``: what is asked of the costs, and what came of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from fastapi import Query as InQuery
from fastapi.responses import Response
from pydantic import Field

from finops.app.policies.policy_texts import PolicyShelf, Shelved
from finops.app.policies.test_results import PolicyTests
from finops.errors import Malformed
from finops.model.finding import State
from finops.model.policy import Policy
from finops.web.api.answer import Document, PageQuery, answer, encoded, encoded_document, page_of
from finops.web.published import PublishedState

_NO_POLICY = "No policy is called so. /api/v1/policies lists them."


class PolicyDocument(Document):
    """One policy as its file says it now."""

    name: str
    kind: str = Field(examples=["Budget"])
    owner: str
    description: str
    digest: str = Field(description="Changes with the meaning of the policy, not with comments and layout")
    file: str = Field(description="From the folder of finops.yaml", examples=["policies/checkout.yaml"])
    line: int
    tests: list[str] = Field(description="The files that test it")
    states: dict[State, int] = Field(description="How many of its newest verdicts are in each state")


class OnePolicyDocument(PolicyDocument):
    """A policy with its text."""

    text: str = Field(description="The document as written")


class PolicyFaultsDocument(Document):
    """What is wrong with the policy files now. While there is anything, the last good policies are shown."""

    faults: list[str] = Field(examples=[["policies/checkout.yaml:6:10: unknown column 'tema'. Did you mean 'team'?"]])


class PolicyTestDocument(Document):
    """One test of a policy."""

    name: str
    place: str = Field(description="Its file and line", examples=["policies/checkout.test.yaml:1"])
    passed: bool
    faults: list[str] = Field(description="What did not come out as expected")


class PoliciesQuery(PageQuery):
    """Which policies are wanted; all that is said must hold."""

    kind: str | None = Field(default=None, description="Only this kind", examples=["Budget"])
    owner: str | None = Field(default=None, description="Only this owner")


def policies_of(board: PublishedState, shelf: PolicyShelf, tests: PolicyTests) -> APIRouter:
    """The routes of policies."""
    router = APIRouter(tags=["policies"])

    @router.get(
        "/policies",
        summary="Every policy, sorted by name",
        description="Files with faults keep their last good policies here; `/api/v1/policy-faults` says what is wrong.",
        response_model=list[PolicyDocument],
    )
    def policies(request: Request, query: Annotated[PoliciesQuery, InQuery()]) -> Response:
        shelved = _known(shelf)
        wanted = [
            policy
            for policy in shelved.policies
            if query.kind in {None, policy.kind} and query.owner in {None, policy.owner}
        ]
        page = wanted[query.offset : query.offset + query.limit]
        states = _states(board)
        documents = [PolicyDocument.model_validate(_facts(policy, shelved, shelf, states)) for policy in page]
        return page_of(request, query, [encoded_document(one) for one in documents], len(wanted))

    @router.get("/policy-faults", summary="What is wrong with the policy files", response_model=PolicyFaultsDocument)
    def faults(request: Request) -> Response:
        return answer(request, encoded_document(PolicyFaultsDocument(faults=list(shelf.look().faults))))

    @router.get(
        "/policies/{name}",
        summary="One policy, with its text",
        response_model=OnePolicyDocument,
        responses={404: {"description": "No policy is called so"}},
    )
    def policy(request: Request, name: str) -> Response:
        shelved = _known(shelf)
        for one in shelved.policies:
            if one.name == name:
                facts = {**_facts(one, shelved, shelf, _states(board)), "text": one.text}
                return answer(request, encoded_document(OnePolicyDocument.model_validate(facts)))
        raise HTTPException(404, _NO_POLICY)

    @router.get(
        "/policies/{name}/tests",
        summary="The tests of a policy, as they come out now",
        description="They run when somebody asks, and again when a file has changed.",
        response_model=list[PolicyTestDocument],
        responses={404: {"description": "No policy is called so"}},
    )
    def outcomes(request: Request, name: str) -> Response:
        if not any(one.name == name for one in _known(shelf).policies):
            raise HTTPException(404, _NO_POLICY)
        try:
            found = tests.of(name)
        except Malformed as error:
            raise HTTPException(503, "The policy files have faults; /api/v1/policy-faults names them.") from error
        documents = [
            PolicyTestDocument(
                name=one.name, place=shelf.place_of_line(one.place), passed=not one.faults, faults=list(one.faults)
            )
            for one in found
        ]
        return answer(request, encoded([document.model_dump(mode="json") for document in documents]))

    return router


def _known(shelf: PolicyShelf) -> Shelved:
    shelved = shelf.look()
    if shelved.faults and not shelved.policies:
        raise HTTPException(503, f"The policy files have faults; the first: {shelved.faults[0]}", {"Retry-After": "60"})
    return shelved


def _states(board: PublishedState) -> Mapping[str, Counter[State]]:
    """Policy -> how many of its newest findings are in each state."""
    snapshot = board.current.snapshot if board.current else None
    counts: defaultdict[str, Counter[State]] = defaultdict(Counter)
    for finding in snapshot.findings if snapshot else ():
        counts[finding.policy][finding.state] += 1
    return counts


def _facts(
    policy: Policy, shelved: Shelved, shelf: PolicyShelf, states: Mapping[str, Counter[State]]
) -> dict[str, object]:
    counts = states.get(policy.name, Counter())
    return {
        "name": policy.name,
        "kind": policy.kind,
        "owner": policy.owner,
        "description": policy.description,
        "digest": policy.digest,
        "file": shelf.place(policy.file),
        "line": policy.line,
        "tests": list(shelved.tests.get(policy.name, ())),
        "states": {state: counts[state] for state in State},
    }
