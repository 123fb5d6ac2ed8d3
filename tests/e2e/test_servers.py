"""The servers that other tests rely on answer."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest


@pytest.mark.slow
def test_dynamodb_local_answers(dynamodb_local_url: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(dynamodb_local_url, timeout=10)

    assert refused.value.code == 400
    refused.value.close()


@pytest.mark.slow
def test_moto_answers(moto_url: str) -> None:
    with urllib.request.urlopen(f"{moto_url}/moto-api/", timeout=10) as answer:
        assert answer.status == 200
