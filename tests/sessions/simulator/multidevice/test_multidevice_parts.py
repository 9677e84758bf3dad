"""The parts of the multi-device protocol against what is known of them elsewhere."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from sessions.simulator.multidevice.client_copy import NotTheLibrary, copy_client
from sessions.simulator.multidevice.curve import derived_pair, is_signed, new_pair
from sessions.simulator.multidevice.frames import HEADER, Frames, NotTheProtocol, framed
from sessions.simulator.multidevice.jids import SERVER, Jid, jid_of
from sessions.simulator.multidevice.nodes import WORDS, Node, NoNode, decode, encode
from sessions.simulator.multidevice.protobuf import Malformed, pack, unpack
from sessions.simulator.multidevice.ratchet import (
    Bundle,
    Session,
    Unreadable,
    answered,
    begun,
    opened,
)
from sessions.simulator.multidevice.shapes import CLIENT_PAYLOAD, KEY_INDEX_LIST
from sessions.simulator.multidevice.store import session_of, state_of

# Keys and signatures made by libsignal (Baileys' own), with either sign of the key.
SIGNATURES = [
    (
        "4e4bfb64d26dc3a0a01c045206e8e42f8a743ee711f0f6836025834614729b68",
        "acb26d80f5b0fa93ac2e089c049ed4be6452793245ed11f8f73fca887b232a97"
        "d16d808f5c3031a6ea0085b9e7609cef1bb36a7cc43ae04f083b09ec63fb2780",
    ),
    (
        "2737cd1a22310f73befffdb7a2ae1b47d9e0ca469af200526427b34ac89ad069",
        "e61987901b8dbb636e2545736139f8997e552d848f258210131f44f863249dad"
        "be6f2a0371bdc86d8734ac2343534060384aeacade3649cf5eca1edfa9024102",
    ),
]
SIGNED = b"signed elsewhere"


@pytest.mark.parametrize(("key", "made"), SIGNATURES)
def test_a_signature_of_libsignal_is_believed_and_only_over_its_own_bytes(
    key: str, made: str
) -> None:
    public, signature = bytes.fromhex(key), bytes.fromhex(made)
    assert is_signed(public, SIGNED, signature)
    assert is_signed(b"\x05" + public, SIGNED, signature)
    assert not is_signed(public, SIGNED + b"!", signature)
    assert not is_signed(new_pair().public, SIGNED, signature)
    assert not is_signed(public, SIGNED, signature[:-1])


def test_a_pair_agrees_with_another_and_is_always_the_same_for_its_names() -> None:
    one, other = new_pair(), new_pair()
    assert one.agree(other.public) == other.agree(one.typed)
    assert derived_pair(b"s", "a", 1).public == derived_pair(b"s", "a", 1).public
    assert derived_pair(b"s", "a", 1).public != derived_pair(b"s", "a", 2).public


def test_a_node_comes_back_as_it_was_said() -> None:
    inner = Node("enc", {"v": "2", "type": "pkmsg"}, bytes(range(256)) * 2)
    jids = {"from": SERVER, "to": Jid("5511987654321"), "lid": Jid("123", "lid", 7)}
    node = Node("message", {"id": "3EB0", **jids}, [inner, Node("ping"), Node("x", {}, b"")])
    assert decode(encode(node)) == node
    assert decode(b"\x02" + zlib.compress(encode(node)[1:])) == node


def test_words_of_the_dictionary_take_a_byte_or_two() -> None:
    assert len(WORDS) == 235 + 4 * 256
    assert WORDS["s.whatsapp.net"] == b"\x03"
    assert encode(Node("iq")) == b"\x00\xf8\x01" + WORDS["iq"]


def test_packed_digits_and_the_address_of_a_device_are_read() -> None:
    digits = b"\xff\x83\x12\x34\x5f"  # five digits in three bytes
    device = b"\xf7\x01\x09" + digits
    said = b"\x00\xf8\x05" + WORDS["message"] + WORDS["id"] + digits + WORDS["to"] + device
    assert decode(said) == Node("message", {"id": "12345", "to": Jid("12345", "lid", 9)})


@pytest.mark.parametrize("broken", [b"", b"\x00", b"\x00\xf8\x02\x05", b"\x00\x03", b"\x02zip"])
def test_what_is_no_node_is_refused(broken: bytes) -> None:
    with pytest.raises(NoNode):
        decode(broken)


@pytest.mark.parametrize(
    ("text", "jid"),
    [
        ("5511987654321@s.whatsapp.net", Jid("5511987654321")),
        ("5511987654321:12@s.whatsapp.net", Jid("5511987654321", device=12)),
        ("5511987654321.0:12@s.whatsapp.net", Jid("5511987654321", device=12)),
        ("5511987654321@c.us", Jid("5511987654321")),
        ("123@lid", Jid("123", "lid")),
        ("@s.whatsapp.net", SERVER),
    ],
)
def test_an_address_is_read_from_its_text(text: str, jid: Jid) -> None:
    assert jid_of(text) == jid


def test_frames_are_found_however_the_socket_cut_them() -> None:
    routing = b"ED\x00\x01\x00\x00\x04abcd"
    sent = routing + HEADER + framed(b"one") + framed(b"") + framed(b"x" * 70_000)
    for size in (1, 5, 4096):
        frames = Frames()
        pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
        assert [one for piece in pieces for one in frames.feed(piece)] == [
            b"one",
            b"",
            b"x" * 70_000,
        ]
    with pytest.raises(NotTheProtocol):
        Frames().feed(b"WA\x05\x02")


def test_messages_of_protocol_buffers_skip_what_they_do_not_know() -> None:
    payload = pack(CLIENT_PAYLOAD, {"username": 5511987654321, "device": 3, "push_name": "Ana"})
    unknown = b"\x4d\x01\x02\x03\x04" + b"\xa2\x06\x02hi"  # a fixed number, and a text
    assert unpack(CLIENT_PAYLOAD, unknown + payload)["username"] == 5511987654321
    assert unpack(KEY_INDEX_LIST, b"\x22\x02\x00\x05")["valid_indexes"] == [0, 5]
    for broken in (payload[:-1], b"\x08", b"\x0a\x00"):
        with pytest.raises(Malformed):
            unpack(CLIENT_PAYLOAD, broken)


def both() -> tuple[Session, Session]:
    """Two ends of a session; the first has written."""
    ours, theirs, signed, once = (new_pair() for _each in range(4))
    mine = begun(ours, 7, Bundle(theirs.public, 9, 1, signed.public, 5, once.public))
    opening = opened(mine.encrypt(b"first")[1])
    yours = answered(theirs, signed, once, opening)
    assert yours.decrypt(opening["message"]) == b"first"
    return mine, yours


def test_a_session_reads_what_comes_late_and_nothing_twice() -> None:
    mine, yours = both()
    late = opened(mine.encrypt(b"late")[1])["message"]
    assert yours.decrypt(opened(mine.encrypt(b"next")[1])["message"]) == b"next"
    mine.decrypt(yours.encrypt(b"answer")[1])
    kind, turned = mine.encrypt(b"turned")
    assert (kind, yours.decrypt(turned)) == ("msg", b"turned")
    assert yours.decrypt(late) == b"late"
    for again in (late, turned):
        with pytest.raises(Unreadable):
            yours.decrypt(again)


def test_a_changed_message_is_not_read_and_does_no_harm() -> None:
    mine, yours = both()
    mine.decrypt(yours.encrypt(b"answer")[1])
    message = mine.encrypt(b"true")[1]
    for at in (1, 30, len(message) - 9, len(message) - 1):
        changed = bytearray(message)
        changed[at] ^= 1
        with pytest.raises(Unreadable):
            yours.decrypt(bytes(changed))
    assert yours.decrypt(message) == b"true"


def test_a_session_goes_on_from_what_was_written_down() -> None:
    mine, yours = both()
    mine.decrypt(yours.encrypt(b"answer")[1])
    yours.decrypt(mine.encrypt(b"turned")[1])
    kept = session_of(state_of(yours))
    for number in range(3):
        text = b"%d" % number
        assert yours.decrypt(mine.encrypt(text)[1]) == text
    assert kept.decrypt(mine.encrypt(b"after")[1]) == b"after"
    assert mine.decrypt(kept.encrypt(b"back")[1]) == b"back"


def test_a_library_without_the_two_strings_is_not_copied(tmp_path: Path) -> None:
    package = tmp_path / "neonize"
    package.mkdir()
    (package / "library.so").write_bytes(b"something else")
    with pytest.raises(NotTheLibrary):
        copy_client(package, tmp_path / "copy", port=8100, root=bytes(32))
