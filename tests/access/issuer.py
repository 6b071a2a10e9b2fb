"""A real OpenID Connect issuer on loopback, which publishes its keys and signs tokens."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

AUDIENCE = "kb"
ISSUER = "https://login.example"


class Issuer:
    """Its keys by id, how often they were fetched, and whether it answers."""

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {}
        self.fetches = 0
        self.down = False
        self.slow = 0.0
        self.url = ""
        self.add_key("first")

    def add_key(self, key_id: str, algorithm: str = "RS256", **more: Any) -> Key:
        parameters = {"kid": key_id, "use": "sig", **more}
        match algorithm:
            case "RS256":
                key: Key = RSAKey.generate_key(2048, parameters)
            case "ES256":
                key = ECKey.generate_key("P-256", parameters)
            case _:
                key = OKPKey.generate_key("Ed25519", parameters)
        self.keys[key_id] = key
        return key

    def token(
        self,
        key_id: str = "first",
        algorithm: str = "RS256",
        key: Key | None = None,
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A token of the helpdesk that is good for a minute, but for what is given."""
        now = int(time.time())
        claims_set = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "person-1",
            "iat": now,
            "exp": now + 60,
            "role": "desk",
        } | claims
        return jwt.encode(
            {"alg": algorithm, "kid": key_id} | (header or {}),
            {name: value for name, value in claims_set.items() if value is not None},
            key or self.keys[key_id],
            algorithms=[algorithm],
        )

    def forged_token(self, **header: Any) -> str:
        """A token with a header that no library would write, signed as the header says.

        HS256 takes the public key for a shared secret, as an attacker would; none is not signed.
        """
        header_json = json.dumps({"alg": "RS256", "kid": "first"} | header).encode()
        signed = f"{_base64(header_json)}.{self.token().split('.')[1]}"
        match header.get("alg", "RS256"):
            case "RS256":
                key = self.keys["first"].get_op_key("sign")
                signature = key.sign(signed.encode(), PKCS1v15(), SHA256())
            case "HS256":
                secret = self.keys["first"].as_pem(private=False)
                signature = hmac.digest(secret, signed.encode(), "sha256")
            case _:
                signature = b""
        return f"{signed}.{_base64(signature)}"

    async def jwks(self, _request: Request) -> Response:
        self.fetches += 1
        await asyncio.sleep(self.slow)
        if self.down:
            return Response(status_code=503)
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.keys.values()]})


def _base64(text: bytes) -> str:
    return urlsafe_b64encode(text).decode().rstrip("=")


@asynccontextmanager
async def running_issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    app = Starlette(routes=[Route("/jwks", issuer.jwks)])
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells by this alone
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    issuer.url = f"http://127.0.0.1:{port}/jwks"
    try:
        yield issuer
    finally:
        server.should_exit = True
        await serving
