"""`ddbmodel serve` as an operator meets it: what it refuses to start with, what it says, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, SSLError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from served import Served, post_bytes, raw_exchange, serve_command, served

from ddbmodel.cli.main import main

SECRET = "wJalrXUtnFEMI/CANARY+SECRET"
VALUE = "a value nobody else may see"
TABLE: dict[str, Any] = {
    "TableName": "scores",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def client(url: str, *, key: str = "any", secret: str = "any", region: str = "us-east-1", **options: Any) -> Any:
    return boto3.client(
        "dynamodb",
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
        **options,
    )


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(f"[default]\naws_access_key_id = AKIDONE\naws_secret_access_key = {SECRET}\n", encoding="utf-8")
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    return path


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = tmp_path / "cert.pem", tmp_path / "key.pem"
    paths[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


Refusal = Callable[..., tuple[int, str]]


@pytest.fixture
def refusal(capsys: pytest.CaptureFixture[str]) -> Refusal:
    """Give a function that runs the command in this process and returns its exit code and what it says."""

    def run(*options: object) -> tuple[int, str]:
        try:
            code = main(["serve", "--port", "0", *map(str, options)])
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        assert said.out == ""
        return code, said.err

    return run


def test_other_machines_are_not_served_without_credentials_and_tls(
    refusal: Refusal, keys: Path, certificate: tuple[Path, Path]
) -> None:
    for options in ([], ["--credentials", keys], ["--tls", *certificate]):
        code, said = refusal("--host", "0.0.0.0", *options)
        assert code == 2
        assert "--insecure" in said

    with served("--host", "0.0.0.0", "--credentials", keys, "--tls", *certificate) as full:
        assert full.url.startswith("https://0.0.0.0:")
    with served("--host", "0.0.0.0", "--insecure") as insecure:
        assert client(f"http://127.0.0.1:{insecure.port}").list_tables()["TableNames"] == []


def test_what_cannot_work_is_said_in_one_line(refusal: Refusal, tmp_path: Path, keys: Path) -> None:
    keys.chmod(0o644)
    (tmp_path / "not-ours").write_text("a text")
    cases = [
        (["--credentials", keys], 2, "chmod 600"),
        (["--credentials", tmp_path / "missing"], 2, "cannot be read"),
        (["--file", tmp_path / "not-ours"], 1, "not-ours"),
        (["--tls", tmp_path / "missing", tmp_path / "missing"], 1, "No such file"),
        (["--port", "70000"], 2, "0 to 65535"),
        (["--wording", "old"], 2, "invalid choice"),
    ]
    for options, code, part in cases:
        ended, said = refusal(*options)
        assert (ended, part in said) == (code, True), said


def test_one_database_file_has_one_server(refusal: Refusal, tmp_path: Path) -> None:
    with served("--file", tmp_path / "db"):
        code, said = refusal("--file", tmp_path / "db")

    assert code == 1
    assert str(tmp_path / "db") in said


def test_a_port_that_is_taken_is_said(refusal: Refusal) -> None:
    with served() as running:
        code, said = refusal("--port", running.port)

    assert code == 1
    assert "address already in use" in said


def test_what_was_written_is_there_when_the_file_is_served_again(tmp_path: Path) -> None:
    with served("--file", tmp_path / "db", "--region", "eu-west-1") as first:
        dynamodb = client(first.url)
        dynamodb.create_table(**TABLE)
        dynamodb.put_item(TableName="scores", Item={"id": {"S": "a"}, "n": {"N": "1"}})
        assert first.stop() == 0

    with served("--file", tmp_path / "db", "--region", "eu-west-1") as second:
        dynamodb = client(second.url)
        assert dynamodb.get_item(TableName="scores", Key={"id": {"S": "a"}})["Item"]["n"] == {"N": "1"}
        assert ":eu-west-1:" in dynamodb.describe_table(TableName="scores")["Table"]["TableArn"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_after_what_it_began(tmp_path: Path, number: int) -> None:
    acknowledged: list[str] = []
    stopped = threading.Event()

    def write(worker: int, url: str) -> None:
        dynamodb = client(url)
        n = 0
        while not stopped.is_set():
            name = f"{worker}-{n}"
            try:
                dynamodb.put_item(TableName="scores", Item={"id": {"S": name}})
            except Exception:
                return  # the server is gone
            acknowledged.append(name)
            n += 1

    with served("--file", tmp_path / "db") as running:
        client(running.url).create_table(**TABLE)
        workers = [threading.Thread(target=write, args=(n, running.url)) for n in range(4)]
        for worker in workers:
            worker.start()
        time.sleep(0.5)
        began = time.monotonic()
        assert running.stop(number) == 0
        assert time.monotonic() - began < 5
        stopped.set()
        for worker in workers:
            worker.join()
        assert "stopping" in running.said
        assert "failed inside" not in running.said

    assert acknowledged
    with served("--file", tmp_path / "db") as again:
        pages = client(again.url).get_paginator("scan").paginate(TableName="scores")
        found = {item["id"]["S"] for page in pages for item in page["Items"]}
    assert set(acknowledged) <= found


def test_a_body_that_was_on_its_way_is_answered_before_the_end() -> None:
    whole = post_bytes("ListTables", b'{"Limit":5}')
    with served() as running:
        answers: list[Any] = []
        sender = threading.Thread(target=lambda: answers.append(slowly(running.port, whole)))
        sender.start()
        time.sleep(0.3)
        assert running.stop() == 0
        sender.join()

    assert answers[0].startswith(b"HTTP/1.1 200 OK")
    assert b"Connection: close" in answers[0]


def slowly(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request[:-5])
        time.sleep(1)
        connection.sendall(request[-5:])
        return connection.recv(10_000)


def test_a_second_signal_does_not_wait_for_what_is_on_its_way() -> None:
    with served() as running, socket.create_connection(("127.0.0.1", running.port)) as connection:
        connection.sendall(post_bytes("ListTables", b"{", Content_Length="2"))
        time.sleep(0.3)
        running.process.terminate()
        time.sleep(0.3)
        assert running.process.poll() is None
        began = time.monotonic()
        assert running.stop() == 0
        assert "stopped" in running.said
        assert "Traceback" not in running.said

    assert time.monotonic() - began < 5


def test_an_idle_connection_does_not_keep_it_from_ending() -> None:
    with served() as running, socket.create_connection(("127.0.0.1", running.port)):
        time.sleep(0.1)
        began = time.monotonic()
        assert running.stop() == 0

    assert time.monotonic() - began < 2


def test_only_who_knows_the_secret_is_answered(keys: Path) -> None:
    with served("--credentials", keys, "--log-json") as running:
        assert client(running.url, key="AKIDONE", secret=SECRET).list_tables()["TableNames"] == []
        for key, secret, code in [
            ("AKIDONE", "another", "InvalidSignatureException"),
            ("AKIDTWO", SECRET, "UnrecognizedClientException"),
        ]:
            with pytest.raises(ClientError) as caught:
                client(running.url, key=key, secret=secret).list_tables()
            assert caught.value.response["Error"]["Code"] == code
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        # Names are not looked at: they are signed.
        answers, _ = raw_exchange(running.port, post_bytes("ListTables", b"{}", Host="any.name", Connection="close"))
        assert answers[0].status == 400
        answers, _ = raw_exchange(running.port, post_bytes("ListTables", b"{}", Host=None, Connection="close"))
        assert answers[0].status in (400, 403)
        running.stop()
        assert "failed inside" not in running.said
        assert SECRET not in running.said
        assert "another" not in running.said


def test_a_region_that_is_named_is_the_one_to_sign_for(keys: Path) -> None:
    with served("--credentials", keys, "--region", "eu-west-1") as running:
        assert client(running.url, key="AKIDONE", secret=SECRET, region="eu-west-1").list_tables()
        with pytest.raises(ClientError, match="scoped to a valid region"):
            client(running.url, key="AKIDONE", secret=SECRET, region="us-east-1").list_tables()


def test_the_classic_wording_is_an_option() -> None:
    with served("--wording", "classic") as classic, served() as current:
        texts = []
        for running in (classic, current):
            dynamodb = client(running.url)
            dynamodb.create_table(**TABLE)
            with pytest.raises(ClientError) as caught:
                dynamodb.put_item(TableName="scores", Item={"id": {"S": "a"}, "n": {"N": "x"}})
            texts.append(caught.value.response["Error"]["Message"])

    assert texts[0] == "The parameter cannot be converted to a numeric value: x"
    assert texts[1] == f"1 validation error detected: {texts[0]}"


def test_requests_are_logged_as_json_without_what_they_carry() -> None:
    with served("--log-json") as running:
        dynamodb = client(running.url)
        dynamodb.create_table(**TABLE)
        dynamodb.put_item(TableName="scores", Item={"id": {"S": VALUE}})
        with pytest.raises(ClientError):
            dynamodb.get_item(TableName="scores", Key={"id": {"N": "77777"}})
        odd = post_bytes("ListTables", b"{}", Connection="close", X_Amz_Target="DynamoDB_20120810.\x1b[31mred\x85")
        raw_exchange(running.port, odd)
        running.stop()

    lines = [json.loads(line) for line in running.said.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [line["event"] for line in lines if line["event"] != "request"] == ["listening", "stopping", "stopped"]
    assert [(r["operation"], r["status"]) for r in requests[:3]] == [
        ("CreateTable", 200),
        ("PutItem", 200),
        ("GetItem", 400),
    ]
    assert requests[2]["error"] == "ValidationException"
    assert all(re.fullmatch("[0-9A-V]{52}", r["request_id"]) and r["duration_ms"] > 0 for r in requests)
    assert requests[1]["bytes_in"] > 0
    assert VALUE not in running.said
    assert "77777" not in running.said
    assert "\x1b" not in running.said


def test_tls_is_of_this_decade_and_its_certificate_is_checked(certificate: tuple[Path, Path]) -> None:
    with served("--tls", *certificate) as running:
        url = f"https://localhost:{running.port}"
        assert client(url, verify=str(certificate[0])).list_tables()["TableNames"] == []
        with pytest.raises(SSLError):
            client(url).list_tables()
        old = ssl.create_default_context(cafile=str(certificate[0]))
        with pytest.warns(DeprecationWarning, match="TLS"):
            old.minimum_version = ssl.TLSVersion.TLSv1
        with pytest.warns(DeprecationWarning, match="TLS"):
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(OSError, match=r"(?i)ssl"):
            urllib.request.urlopen(url, context=old, timeout=5)
        plain, closed = raw_exchange(running.port, post_bytes("ListTables", b"{}"), limit_s=15)
        assert (plain, closed) == ([], True)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the processor time of another process")
def test_it_is_ready_after_half_a_second() -> None:
    times = []
    for _ in range(3):
        with served() as running:
            assert_answers(running)
            facts = Path(f"/proc/{running.process.pid}/stat").read_text().rpartition(")")[2].split()
            times.append((int(facts[11]) + int(facts[12])) / os.sysconf("SC_CLK_TCK"))

    # Of processor time: the machine of the tests does other things, too.
    assert min(times) < 0.5


def assert_answers(running: Served) -> None:
    with urllib.request.urlopen(f"{running.url}/health", timeout=5) as answer:
        assert json.load(answer) == {"status": "ok"}


def test_starting_imports_neither_the_aws_sdk_nor_the_mapper() -> None:
    program = (
        "import sys; from ddbmodel.server import running; "
        "print(sorted({'boto3', 'botocore', 'aioboto3', 'aiobotocore', 'cryptography'} & set(sys.modules)))"
    )
    printed = subprocess.run([serve_command()[0], "-c", program], capture_output=True, text=True, check=True)

    assert printed.stdout.strip() == "[]"


def test_the_command_says_its_version_and_its_options() -> None:
    command = serve_command()[:3]
    version = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    options = subprocess.run([*command, "serve", "--help"], capture_output=True, text=True, check=True)

    assert re.fullmatch(r"ddbmodel \S+\n", version.stdout)
    shown = set(re.findall(r"(?m)^  (--[a-z-]+)", options.stdout))
    page = (Path(__file__).parent.parent.parent / "docs/how-to/serve.md").read_text(encoding="utf-8")
    told = set(re.findall(r"(?m)^\| `(--[a-z-]+)", page))
    assert "--credentials" in shown
    assert told == shown
