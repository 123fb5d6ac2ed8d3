"""What the service's refusals of writes mean to a caller."""

from __future__ import annotations

import pytest
from query_models import Account, Score

from ddbmodel.errors import (
    AlreadyExists,
    CancellationReason,
    ConditionFailed,
    DdbModelError,
    ItemTooLarge,
    NotFound,
    ServiceError,
    Throttled,
    TransactionFailed,
    VersionConflict,
    service_error,
)
from ddbmodel.model import set_stored_version
from ddbmodel.query.failures import transaction_failure, write_failure
from ddbmodel.query.item_requests import ItemWrite, check_write, create_write, delete_write, put_write, update_write
from ddbmodel.values.wire import Item

SCORE = Score(game="tetris", player="ann", points=3)
KEY = SCORE.item_key()


def account(revision: int) -> Account:
    read = Account(id="a", owner="ann")
    set_stored_version(read, revision)
    return read


def refused(write: ItemWrite, item: Item | None) -> DdbModelError:
    return write_failure(write, service_error("ConditionalCheckFailedException", "words", item=item))


def test_a_create_that_finds_an_item() -> None:
    error = refused(create_write(SCORE), SCORE.to_item())

    assert type(error) is AlreadyExists
    assert error.current == SCORE


def test_a_create_whose_own_condition_fails_on_nothing() -> None:
    error = refused(create_write(SCORE, condition=Score.points == 1), None)

    assert type(error) is ConditionFailed
    assert error.current is None


@pytest.mark.parametrize(("stored", "told"), [(9, "changed since"), (None, "deleted since")])
def test_a_version_that_moved(stored: int | None, told: str) -> None:
    item = None if stored is None else account(stored).to_item()

    for write in (put_write(account(7)), delete_write(account(7))):
        error = refused(write, item)
        assert type(error) is VersionConflict
        assert told in str(error)
        assert error.current == (None if item is None else account(9))


def test_a_condition_beside_the_right_version() -> None:
    error = refused(put_write(account(7), condition=Account.balance > 0), account(7).to_item())

    assert type(error) is ConditionFailed
    assert "condition of this put" in str(error)


def test_a_put_of_an_instance_that_was_never_read() -> None:
    error = refused(put_write(Account(id="a", owner="ann")), account(7).to_item())

    assert type(error) is VersionConflict
    assert "never read" in str(error)


def test_an_update_of_nothing() -> None:
    assert type(refused(update_write(KEY, [Score.points.add(1)], upsert=False), None)) is NotFound


def test_an_item_that_does_not_fit_the_model_is_no_current() -> None:
    error = refused(delete_write(KEY, condition=Score.points == 1), {**SCORE.to_item(), "points": {"S": "x"}})

    assert isinstance(error, ConditionFailed)
    assert error.current is None


def test_an_item_that_grew_too_large() -> None:
    service = service_error("ValidationException", "Item size to update has exceeded the maximum allowed size")

    error = write_failure(update_write(KEY, [Score.points.add(1)]), service)

    assert type(error) is ItemTooLarge
    assert error.size_bytes is None


def test_any_other_refusal_stays_the_services_own() -> None:
    for code in ("ValidationException", "ThrottlingException", "ResourceNotFoundException"):
        service = service_error(code, "words")
        assert write_failure(put_write(SCORE), service) is service


def test_a_transaction_is_explained_action_by_action() -> None:
    writes = [create_write(SCORE), check_write(Account.key(id="a"), Account.balance > 0), put_write(account(7))]
    reasons = [
        CancellationReason("ConditionalCheckFailed", "words", SCORE.to_item()),
        CancellationReason("None"),
        CancellationReason("ConditionalCheckFailed", "words", account(8).to_item()),
    ]

    error = transaction_failure(
        writes, service_error("TransactionCanceledException", "words", cancellation_reasons=reasons)
    )

    assert isinstance(error, TransactionFailed)
    assert {position: type(cause) for position, cause in error.errors.items()} == {0: AlreadyExists, 2: VersionConflict}
    assert str(error).startswith("nothing was written, because of 2 of 3 actions: action 0, create: Score: an item")
    assert not error.retryable


@pytest.mark.parametrize(
    ("code", "kind", "retryable"),
    [
        ("TransactionConflict", ServiceError, True),
        ("ThrottlingError", Throttled, True),
        ("ProvisionedThroughputExceeded", Throttled, True),
        ("ValidationError", ServiceError, False),
        ("SomethingNew", ServiceError, False),
    ],
)
def test_a_reason_of_a_cancelled_transaction(code: str, kind: type[DdbModelError], retryable: bool) -> None:
    reasons = [CancellationReason(code, "words")]

    error = transaction_failure(
        [put_write(SCORE)], service_error("TransactionCanceledException", "words", cancellation_reasons=reasons)
    )

    assert isinstance(error, TransactionFailed)
    assert type(error.errors[0]) is kind
    assert error.retryable is retryable


def test_a_transaction_without_reasons_stays_the_services_own() -> None:
    service = service_error("TransactionInProgressException", "words")

    assert transaction_failure([put_write(SCORE)], service) is service
