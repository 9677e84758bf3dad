"""Pictures and documents: kept as they were sealed, on a host of their own with TLS, and opened by whoever has the key.

Clients take https for granted, so the host has a certificate of its own (`media.pem` in the data folder; the clients
of tests are told to trust it by SSL_CERT_FILE or NODE_EXTRA_CA_CERTS).
"""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import ipaddress
import ssl
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sessions.simulator.multidevice.curve import expand, mac
from sessions.simulator.multidevice.protobuf import Values
from sessions.simulator.multidevice.ratchet import Unreadable, cbc

LABELS = {
    "image": b"WhatsApp Image Keys",
    "sticker": b"WhatsApp Image Keys",
    "video": b"WhatsApp Video Keys",
    "audio": b"WhatsApp Audio Keys",
    "document": b"WhatsApp Document Keys",
}
MAC_LENGTH = 10
MAX_MEDIA = 100 * 1024 * 1024
PATH = "/v/"
QUERY = "?ccb=sim"  # clients write on behind it with an "&"
ADDRESS = "127.0.0.1"
YEAR = datetime.timedelta(days=365)


class MediaHost:
    """What was uploaded, by the digest of its sealed bytes; served on a free port once it has started."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._certificate = folder / "media", folder / "media.pem"
        self._runner: web.AppRunner | None = None
        self.host = ADDRESS

    async def start(self) -> None:
        """Serve."""
        app = web.Application(client_max_size=MAX_MEDIA)
        app.router.add_post("/mms/{kind}/{token}", self._upload)
        app.router.add_get(PATH + "{digest:[0-9a-f]{64}}", self._download)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(self._certificate))
        await web.TCPSite(self._runner, ADDRESS, 0, ssl_context=context).start()
        self.host = f"{ADDRESS}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Serve no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _upload(self, request: web.Request) -> web.Response:
        """Keep sealed bytes; 400 when they are not those whose digest the client names."""
        data = await request.read()
        digest = hashlib.sha256(data).digest()
        if _token(request.match_info["token"]) != digest:
            raise web.HTTPBadRequest(text="these are other bytes")
        return web.json_response(self._kept(data, digest))

    def _kept(self, data: bytes, digest: bytes) -> dict[str, str]:
        """Keep sealed bytes; where they are."""
        self._folder.mkdir(exist_ok=True)
        (self._folder / digest.hex()).write_bytes(data)
        path = PATH + digest.hex() + QUERY
        return {"url": f"https://{self.host}{path}", "direct_path": path}

    async def _download(self, request: web.Request) -> web.StreamResponse:
        path = self._folder / request.match_info["digest"]
        if not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path)

    def sealed(self, kind: str, data: bytes, key: bytes) -> Values:
        """What a phone writes of something that it uploads; the same bytes under the same key are one upload."""
        keys = expand(key, 112, info=LABELS[kind])
        sealed = cbc(keys[16:48], keys[:16], data)
        sealed += mac(keys[48:80], keys[:16] + sealed)[:MAC_LENGTH]
        digest = hashlib.sha256(sealed).digest()
        return {
            **self._kept(sealed, digest),
            "media_key": key,
            "digest": hashlib.sha256(data).digest(),
            "sealed_digest": digest,
            "length": len(data),
        }

    def opened(self, kind: str, media: Values) -> bytes | None:
        """What a phone sees when it opens a picture or document of a message; None when it can't."""
        digest = media.get("direct_path", "").partition("?")[0].removeprefix(PATH)
        path, key = self._folder / Path(digest).name, media.get("media_key", b"")
        if not path.is_file() or len(key) != 32:
            return None
        keys, data = expand(key, 112, info=LABELS[kind]), path.read_bytes()
        iv, sealed, tag = keys[:16], data[:-MAC_LENGTH], data[-MAC_LENGTH:]
        if mac(keys[48:80], iv + sealed)[:MAC_LENGTH] != tag:
            return None
        try:
            return cbc(keys[16:48], iv, sealed, back=True)
        except Unreadable:
            return None


def _token(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return b""


def certificate(path: Path) -> Path:
    """The host's key and certificate in one file, made when they aren't there."""
    if path.exists():
        return path
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "simulator")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(ADDRESS))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + YEAR)
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path
