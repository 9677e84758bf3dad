"""The simulator's record, its truth, and the process around them."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from sessions.events import Address, LinkChange, Text
from sessions.interfaces import InDoubt, Key, LinkLost, Outgoing, PairingCode
from sessions.simulator import wire
from sessions.simulator.client import CallRefused
from sessions.simulator.numbers import chance
from sessions.transports.simulated import SimulatedTransport
from tests.eventually import GENEROUS, eventually
from tests.sessions.listening import hear
from tests.simulator_process import OWNER, ROOT, SimulatorProcess, start_simulator

pytestmark = pytest.mark.nodes

OWNERS = itertools.count(80000000)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("record")) as simulator:
        yield simulator


@pytest.fixture
def simulator(running: SimulatorProcess) -> SimulatorProcess:
    """The simulator of this file's tests, alive; each test has an account of its own."""
    running.ensure()
    running.set_behaviour(deliver_after=0.5)
    return running


@pytest.fixture
def owner() -> str:
    return f"+55119{next(OWNERS):08d}"


def linked(simulator: SimulatorProcess, owner: str) -> SimulatedTransport:
    """A simulated session, named as its owner's phone, that is online."""
    transport = SimulatedTransport(simulator.url, owner)
    transport.open()

    def scan(code: PairingCode) -> None:
        simulator.scan(code.value, owner)

    transport.pair(scan, time.monotonic() + 10)
    return transport


def outgoing(number: int, text: str = "Oi") -> Outgoing:
    return Outgoing(Key("delivery", number), Address(f"+55119{71000000 + number:08d}"), Text(text))


def test_truth_survives_kill_9_in_mid_stream(owner: str, simulator: SimulatorProcess) -> None:
    transport, stop = linked(simulator, owner), threading.Event()
    acked: list[str] = []

    def stream() -> None:
        while not stop.is_set():
            try:
                acked.append(transport.send(outgoing(len(acked)), lambda _id="": None).message_id)
            except (InDoubt, LinkLost):
                return

    sender = threading.Thread(target=stream)
    sender.start()
    eventually(lambda: len(acked) >= 300)
    simulator.kill()
    stop.set()
    sender.join()
    simulator.restart()
    seen = [message["id"] for message in simulator.messages(account=owner)]
    assert set(acked) <= set(seen)
    assert len(seen) == len(set(seen))
    assert len(seen) - len(acked) <= 1


def test_restart_goes_on_delivering(owner: str, simulator: SimulatorProcess) -> None:
    simulator.set_behaviour(deliver_after=30)
    linked(simulator, owner).send(outgoing(1), lambda _id="": None)
    simulator.kill()
    simulator.restart()
    assert eventually(lambda: simulator.messages(account=owner)[0]["delivered_at"])


def test_half_written_last_line_is_cut_off(owner: str, simulator: SimulatorProcess) -> None:
    linked(simulator, owner).send(outgoing(1), lambda _id="": None)
    simulator.kill()
    with (simulator.data / "record.jsonl").open("ab") as file:
        file.write(b'{"kind":"sent","id":"3EB0')
    simulator.restart()
    assert len(simulator.messages(account=owner)) == 1


def test_truth_filters_by_recipient_account_and_time(
    owner: str, simulator: SimulatorProcess
) -> None:
    first, second = linked(simulator, owner), linked(simulator, "+5511988880002")
    first.send(outgoing(1), lambda _id="": None)
    second.send(outgoing(1), lambda _id="": None)
    second.send(outgoing(2), lambda _id="": None)
    assert {one["account"] for one in simulator.messages(to="+5511971000001")} >= {
        owner,
        "+5511988880002",
    }
    assert len(simulator.messages(account="+5511988880002")) == 2
    moment = simulator.messages(account="+5511988880002")[1]["seen_at"]
    assert [one["to"] for one in simulator.messages(since=moment, account="+5511988880002")] == [
        "+5511971000002"
    ]


def test_same_id_sent_again_is_acknowledged_but_seen_once(
    owner: str, simulator: SimulatorProcess
) -> None:
    linked(simulator, owner).close()
    token = post(simulator, "/wire/open", {"name": owner})["token"]
    for _ in range(2):
        post(
            simulator,
            "/wire/send",
            {"token": token, "id": "3EB0AA", "to": "5511971000001", "text": "Oi"},
        )
    assert len(simulator.messages(account=owner)) == 1


def test_truth_of_30_000_messages_comes_whole_and_of_one_recipient_alone(tmp_path: Path) -> None:
    folder = tmp_path / "simulator"
    folder.mkdir()
    event = {
        "kind": "linked",
        "device": "d",
        "account": OWNER[1:],
        "as": "wire",
        "name": "1",
        "secret": "00",
        "at": 1,
    }
    with (folder / "record.jsonl").open("w") as file:
        file.write(json.dumps(event) + "\n")
        for number in range(30_000):
            message = {
                "kind": "sent",
                "id": f"3EB0{number:018X}",
                "account": OWNER[1:],
                "device": "d",
                "at": 1.0,
            }
            to = f"55119{70000000 + number}"
            file.write(json.dumps(message | {"to": to, "wa_id": to, "text": "Olá"}) + "\n")
            file.write(
                json.dumps({"kind": "read", "account": OWNER[1:], "id": message["id"], "at": 2.0})
                + "\n"
            )
    with start_simulator(tmp_path) as simulator:
        assert len(simulator.messages()) == 30_000
        assert len(simulator.messages(to="+5511970000007")) == 1


def test_taken_port_is_one_line_and_status_1(simulator: SimulatorProcess, tmp_path: Path) -> None:
    ended = start_by_hand("--port", str(simulator.port), "--data", str(tmp_path / "other"))
    assert ended.returncode == 1
    assert ended.stderr.strip() == f"simulator: port {simulator.port} on 127.0.0.1 is taken"


def test_folder_of_another_simulator_is_refused(simulator: SimulatorProcess) -> None:
    ended = start_by_hand("--port", "0", "--data", str(simulator.data))
    assert ended.returncode == 1
    assert "in use by another simulator" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = start_by_hand("--port", "0", "--data", str(tmp_path / "file"))
    assert ended.returncode == 1
    assert "is not writable" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_sigterm_ends_it_at_once_with_status_0(owner: str, simulator: SimulatorProcess) -> None:
    """Whoever still waits for news, up to `wire.MAX_WAIT`, is not waited for."""
    transport, heard = linked(simulator, owner), threading.Event()

    def listen() -> None:
        while not any(isinstance(event, LinkChange) for event in hear(transport, 3600)):
            heard.set()

    waiting = threading.Thread(target=listen)
    waiting.start()
    simulator.say("+5511971000001", owner, "Oi")
    assert heard.wait(GENEROUS)
    assert simulator.terminate(timeout=wire.MAX_WAIT - 5) == 0
    waiting.join()


def test_behaviour_with_an_unknown_setting_is_refused(simulator: SimulatorProcess) -> None:
    with pytest.raises(CallRefused, match="unknown setting bogus"):
        simulator.set_behaviour(bogus=1)
    with pytest.raises(CallRefused, match="unknown fault"):
        simulator.set_fault(OWNER, "bogus")


def test_majority_reads_and_everybody_receives_by_default(
    owner: str, simulator: SimulatorProcess
) -> None:
    transport = linked(simulator, owner)
    for number in range(60):
        transport.send(outgoing(number), lambda _id="": None)
    phones = [outgoing(number).to.phone[1:] for number in range(60)]
    readers = sum(chance(one, "read") < 0.7 or chance(one, "reply") < 0.1 for one in phones)
    assert 30 < readers < 60
    for time_of, people in (("delivered_at", 60), ("read_at", readers)):
        eventually(
            lambda time_of=time_of, people=people: (
                sum(bool(one[time_of]) for one in simulator.messages(account=owner)) == people
            )
        )


def post(simulator: SimulatorProcess, path: str, values: dict[str, str]) -> dict[str, str]:
    request = Request(
        simulator.url + path, json.dumps(values).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urlopen(request) as response:
            answer: dict[str, str] = json.load(response)
            return answer
    except HTTPError as error:
        raise AssertionError(error.read()) from error


def start_by_hand(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sessions.simulator", *arguments],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=GENEROUS,
    )
