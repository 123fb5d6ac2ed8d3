"""The behaviours of one engine at work: they stand between the engine and the deciding of its requests.

```
request ──lost?──▶ which view? ──▶ handler ──▶ throttled? in conflict? ──▶ outcome ──answer lost?──▶
                                      │ refused: the refusal stands, and what it cost is paid
```
Handlers are pure, so a request is decided first and the outcome thrown away when something stands in its way: what is
wrong with a request is said in any case, as the service does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from ddbmodel.engine.behaviours.buckets import Buckets
from ddbmodel.engine.behaviours.charges import Charge, Decide, Question
from ddbmodel.engine.behaviours.dice import Dice
from ddbmodel.engine.behaviours.lag import ChangeLog
from ddbmodel.engine.behaviours.limits import Exceeded, possible_limits, throttled
from ddbmodel.engine.behaviours.losses import RequestLost
from ddbmodel.engine.behaviours.requests import (
    consistent_spaces,
    form_of,
    is_eventual,
    is_read,
    only,
    part_requests,
    travels,
    with_unprocessed,
)
from ddbmodel.engine.behaviours.switches import Behaviours
from ddbmodel.engine.catalog import Catalog
from ddbmodel.engine.messages.message import Message, Wording
from ddbmodel.engine.messages.throttling import TRANSACTION_CONFLICT, TRANSACTION_IN_PROGRESS
from ddbmodel.engine.messages.transactions import CANCELLED
from ddbmodel.engine.outcome import DropTable, Outcome, SaveTable
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.errors import CancellationReason, ServiceError, service_error

__all__ = ["Misbehaviour"]

_NO_REASON: Final = CancellationReason("None")
# A code of an error, as a reason of a transaction names it, and as a statement of a batch does.
_REASON_CODES: Final = {
    "ProvisionedThroughputExceededException": "ProvisionedThroughputExceeded",
    "RequestLimitExceeded": "ThrottlingError",
    "ThrottlingException": "ThrottlingError",
    "TransactionConflictException": "TransactionConflict",
}
_STATEMENT_CODES: Final = {**_REASON_CODES, "RequestLimitExceeded": "RequestLimitExceeded"}


class Misbehaviour:
    """Decides requests as `behaviours` say; keeps what it needs for that, from `now_s` on."""

    def __init__(self, behaviours: Behaviours, region: str, now_s: float) -> None:
        self.behaviours = behaviours
        self._region = region
        self._dice = Dice(behaviours.seed)
        self._log = ChangeLog(behaviours) if behaviours.longest_lag_s else None
        self._buckets = Buckets(now_s)
        # Since the last commit.
        self._dropped_ids: set[str] = set()

    def loses_answer(self, operation: str) -> bool:
        """Return whether the answer to a request that comes now will get lost.

        Raises:
            RequestLost: the request itself is.
        """
        if not travels(operation):
            return False
        if self._dice.happens("lost request", self.behaviours.lost_request_rate):
            raise RequestLost(operation)
        return self._dice.happens("lost response", self.behaviours.lost_response_rate)

    def decide(
        self,
        decide: Decide,
        operation: str,
        request: dict[str, Any],
        view: ReadView,
        catalog: Catalog,
        now_s: float,
    ) -> Outcome:
        """Return what a request comes to; whoever makes it true calls `note` before.

        Raises:
            ServiceError: it is refused, by its handler or by a behaviour.
        """
        seen = view
        if self._log is not None and is_eventual(operation, request):
            seen = self._log.view(view, now_s, consistent_spaces=consistent_spaces(operation, request, catalog))
        question = Question(decide, operation, seen, catalog, now_s)
        match form_of(operation):
            case "single":
                return self._single(question, request)
            case "batch":
                return self._batch(question, request)
            case "transaction":
                return self._transaction(question, request)
            case None:
                return question.outcome(request)

    def note(self, outcome: Outcome, view: ReadView, now_s: float) -> None:
        """Take note of what is about to be changed in `view`, by a request or by time alone; the latter is free."""
        if self._log is not None and outcome.items:
            self._log.note(outcome.items, view, now_s)
        for change in outcome.catalog:
            if isinstance(change, SaveTable):
                self._buckets.change_limits(change.table, now_s)
            elif isinstance(change, DropTable):
                self._dropped_ids.add(change.table.id)

    def committed(self) -> None:
        """Take note that what was decided is durable."""
        if self._log is not None:
            self._log.committed()
        if self._dropped_ids:
            self._buckets.forget(self._dropped_ids)
            self._dropped_ids.clear()

    def undone(self) -> None:
        """Take note that what was decided since the last commit was undone."""
        self._dropped_ids.clear()
        if self._log is not None:
            self._log.undone()

    def _single(self, question: Question, request: dict[str, Any]) -> Outcome:
        outcome = self._outcome(question, request)
        met = self._limits_met(question, request, request)
        if met:
            raise throttled(met, self._region)
        if not is_read(question.operation, request) and self._conflicts():
            raise service_error(TRANSACTION_CONFLICT.code, _text(TRANSACTION_CONFLICT))
        return outcome

    def _batch(self, question: Question, request: dict[str, Any]) -> Outcome:
        operation = question.operation
        outcome = question.outcome(request)
        parts = part_requests(operation, request)
        if operation == "BatchExecuteStatement":
            return self._batch_of_statements(question, request, parts, outcome)
        left: dict[int, list[Exceeded]] = {}
        for position, part in enumerate(parts):
            met = self._limits_met(question, request, part, unprocessed_rate=self.behaviours.unprocessed_rate)
            if met:
                left[position] = met
        if not left:
            return outcome
        if len(left) == len(parts):
            raise throttled(left[0], self._region)
        rest = question.outcome(only(operation, request, [n for n in range(len(parts)) if n not in left]))
        return rest._replace(response=with_unprocessed(operation, request, left, rest.response))

    def _batch_of_statements(
        self, question: Question, request: dict[str, Any], parts: list[dict[str, Any]], outcome: Outcome
    ) -> Outcome:
        refusals: dict[int, ServiceError] = {}
        for position, part in enumerate(parts):
            if "Error" in outcome.response["Responses"][position]:
                self._pay(self._charges(question, part), question)
                continue
            met = self._limits_met(question, request, part)
            if met:
                refusals[position] = throttled(met, self._region)
            elif not is_read(question.operation, part) and self._conflicts():
                refusals[position] = service_error(TRANSACTION_CONFLICT.code, _text(TRANSACTION_CONFLICT))
        if not refusals:
            return outcome
        kept = [position for position in range(len(parts)) if position not in refusals]
        rest = question.outcome(only(question.operation, request, kept)) if kept else Outcome({"Responses": []})
        answers = iter(rest.response["Responses"])
        responses: list[dict[str, Any]] = []
        for position in range(len(parts)):
            refusal = refusals.get(position)
            if refusal is None:
                responses.append(next(answers))
            else:
                responses.append({"Error": {"Code": _STATEMENT_CODES[refusal.code], "Message": refusal.message}})
        return rest._replace(response={**rest.response, "Responses": responses})

    def _transaction(self, question: Question, request: dict[str, Any]) -> Outcome:
        outcome = self._outcome(question, request)
        writes = not is_read(question.operation, request)
        has_token = writes and request.get("ClientRequestToken") is not None
        if has_token and self._dice.happens("in progress", self.behaviours.in_progress_rate):
            raise service_error(TRANSACTION_IN_PROGRESS.code, _text(TRANSACTION_IN_PROGRESS))
        if has_token and outcome.token is None:
            # A repetition reads what it wrote before, and is in nobody's way.
            self._pay([replace(charge, direction="Read") for charge in self._charges(question, request)], question)
            return outcome
        reasons: list[CancellationReason] = []
        paid: list[Charge] = []
        for part in part_requests(question.operation, request):
            charges = self._charges(question, part)
            met = self._limits_met_by(charges, writes=writes, question=question)
            if not met:
                paid += charges
            reasons.append(_reason(met[0].message) if met else _NO_REASON)
        if self._conflicts():
            reasons[self._dice.choice("in conflict", len(reasons))] = _reason(TRANSACTION_CONFLICT)
        if any(reason is not _NO_REASON for reason in reasons):
            if self.behaviours.throttling == "faithful":
                self._buckets.give_back(paid, question.now_s)
            raise service_error(
                CANCELLED.code,
                _text(CANCELLED, codes=", ".join(reason.code for reason in reasons)),
                cancellation_reasons=reasons,
            )
        return outcome

    def _outcome(self, question: Question, request: dict[str, Any]) -> Outcome:
        """Return the outcome of a request; a refusal for a condition is paid for."""
        try:
            return question.outcome(request)
        except ServiceError as error:
            if self.behaviours.throttling == "faithful":
                charges = question.charges_of_failure(request, error)
                met = self._buckets.take(charges, question.now_s)
                if met:
                    # Without capacity the condition is not even checked.
                    raise throttled(met, self._region) from None
            raise

    def _limits_met(
        self, question: Question, request: dict[str, Any], part: dict[str, Any], *, unprocessed_rate: float = 0.0
    ) -> list[Exceeded]:
        """Return the limits that a request or a part of it meets; it has paid when there are none."""
        if not self.behaviours.throttles and not unprocessed_rate:
            return []
        return self._limits_met_by(
            question.charges(part),
            writes=not is_read(question.operation, request),
            question=question,
            unprocessed_rate=unprocessed_rate,
        )

    def _limits_met_by(
        self, charges: list[Charge], *, writes: bool, question: Question, unprocessed_rate: float = 0.0
    ) -> list[Exceeded]:
        rate = self.behaviours.throttled_write_rate if writes else self.behaviours.throttled_read_rate
        # Both are asked in any case, so that one does not move the other.
        by_chance = [self._dice.happens("throttled", rate), self._dice.happens("unprocessed", unprocessed_rate)]
        if any(by_chance) and charges:
            return [self._any_limit(charges)]
        return self._buckets.take(charges, question.now_s) if self.behaviours.throttling == "faithful" else []

    def _any_limit(self, charges: list[Charge]) -> Exceeded:
        charge = charges[self._dice.choice("resource", len(charges))]
        types = possible_limits(charge.table)
        return Exceeded(charge.table, charge.index, charge.direction, types[self._dice.choice("limit", len(types))])

    def _charges(self, question: Question, request: dict[str, Any]) -> list[Charge]:
        return question.charges(request) if self.behaviours.throttles else []

    def _pay(self, charges: list[Charge], question: Question) -> None:
        if self.behaviours.throttling == "faithful":
            self._buckets.force(charges, question.now_s)

    def _conflicts(self) -> bool:
        return self._dice.happens("conflict", self.behaviours.conflict_rate)


def _reason(message: Message) -> CancellationReason:
    return CancellationReason(_REASON_CODES[message.code], _text(message))


def _text(message: Message, **values: str) -> str:
    return message.worded(Wording.CURRENT, values)
