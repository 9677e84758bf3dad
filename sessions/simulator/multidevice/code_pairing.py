"""Linking by eight characters: the code that the owner types is the key to what phone and client tell each other."""

from __future__ import annotations

import asyncio
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from sessions.simulator.multidevice.connection import ANSWER_SECONDS, request_id
from sessions.simulator.multidevice.curve import KeyPair, expand, new_pair
from sessions.simulator.multidevice.jids import SERVER
from sessions.simulator.multidevice.nodes import Attributes, Node

ROUNDS = 131_072
BUNDLE_KEY = b"link_code_pairing_key_bundle_encryption_key"


class WrongCode(Exception):
    """What was typed is not what the client shows."""


class Asked:
    """A client shows a code for this number, which the server never sees. `ref` names the attempt."""

    def __init__(self, number: str, hello: Node) -> None:
        self.number = number
        self.ref = secrets.token_urlsafe(24).encode()
        self._wrapped = hello.data("link_code_pairing_wrapped_companion_ephemeral_pub")
        self._finished: asyncio.Future[Node] | None = None

    def finish(self, node: Node) -> None:
        """The client has answered the phone."""
        if self._finished is not None and not self._finished.done():
            self._finished.set_result(node)

    def hello(self, code: str, identity: KeyPair) -> tuple[KeyPair, Node]:
        """The phone's first word under the code that its owner typed, and the key that goes with it."""
        ephemeral = new_pair()
        salt, iv = secrets.token_bytes(32), secrets.token_bytes(16)
        wrapped = salt + iv + under(code, salt, iv, ephemeral.public)
        inner = [
            Node("link_code_pairing_wrapped_primary_ephemeral_pub", {}, wrapped),
            Node("primary_identity_pub", {}, identity.public),
            Node("link_code_pairing_ref", {}, self.ref),
        ]
        attrs: Attributes = {"from": SERVER, "type": "link_code_companion_reg", "id": request_id()}
        step = Node("link_code_companion_reg", {"stage": "primary_hello"}, inner)
        self._finished = asyncio.get_running_loop().create_future()
        return ephemeral, Node("notification", attrs, [step])

    async def secret(
        self, code: str, identity: KeyPair, ephemeral: KeyPair, companion: bytes
    ) -> bytes:
        """The secret under which the identity is sealed, once the client has answered; WrongCode otherwise."""
        assert self._finished is not None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await self._finished
        except TimeoutError as error:
            raise WrongCode("the client gave no answer") from error
        salt, iv = self._wrapped[:32], self._wrapped[32:48]
        shared = ephemeral.agree(under(code, salt, iv, self._wrapped[48:80]))
        wrapped = answer.data("link_code_pairing_wrapped_key_bundle")
        key = expand(shared, 32, salt=wrapped[:32], info=BUNDLE_KEY)
        try:
            bundle = AESGCM(key).decrypt(wrapped[32:44], wrapped[44:], None)
        except (InvalidTag, ValueError) as error:
            raise WrongCode("the client's answer is under another code") from error
        if bundle[:64] != companion + identity.public:
            raise WrongCode("the client's answer is of other keys")
        both = shared + identity.agree(companion) + bundle[64:96]
        return expand(both, 32, info=b"adv_secret")


def under(code: str, salt: bytes, iv: bytes, data: bytes) -> bytes:
    """Encrypt or decrypt 32 bytes under a code."""
    key = hashlib.pbkdf2_hmac("sha256", code.encode(), salt, ROUNDS, 32)
    encryptor = Cipher(AES(key), CTR(iv)).encryptor()
    return encryptor.update(data) + encryptor.finalize()
