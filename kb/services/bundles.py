"""A release in one signed file, which answers without a server.

The file is a zip archive: a database that holds the one release and nothing else, a manifest with
its hashes, and an Ed25519 signature of the manifest.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kb.errors import BundleError
from kb.services.database import connect, migrate
from kb.services.knowledge.holder import load_knowledge
from kb.services.knowledge.releases import ReleaseInfo, load_release, publish
from kb.services.whole_files import whole_file
from kb.settings import Settings

FORMAT = "kb-bundle/1"
DATABASE, MANIFEST, SIGNATURE = "knowledge.sqlite3", "manifest.json", "manifest.sig"
LARGEST = 200_000_000
"""Bytes of a member; what unpacks to more is refused."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says of itself."""

    release: int
    content_hash: str
    published_at: str
    database_sha256: str


def new_key(private: Path, public: Path) -> None:
    """Write a new pair of keys as PEM; the private one can be read by its owner alone."""
    key = Ed25519PrivateKey.generate()
    private.touch(mode=0o600, exist_ok=False)
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    public.write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


async def copy_release(settings: Settings, file: Path) -> ReleaseInfo:
    """Copy the current release into a new SQLite file."""
    async with connect(settings, everywhere=False):
        release = (await load_knowledge(settings.reliance)).release
        records = await load_release(release.number)
    alone = Settings(database_url=f"sqlite://{file}")
    await migrate(alone)
    async with connect(alone, everywhere=False):
        await publish(records, at=release.published_at, note=release.note)
    return release


def pack(database: Path, release: ReleaseInfo, key_file: Path, bundle: Path) -> None:
    """Sign a database with one release and write the bundle."""
    key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise BundleError(f"{key_file} is no Ed25519 key. Make one with: kb bundle key FILE")
    manifest = json.dumps(
        {
            "format": FORMAT,
            "release": release.number,
            "contentHash": release.content_hash,
            "publishedAt": release.published_at.isoformat(),
            "databaseSha256": hashlib.sha256(database.read_bytes()).hexdigest(),
        },
        indent=2,
    ).encode()
    with (
        whole_file(bundle, "BUNDLE", read=key_file) as kept,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        archive.write(database, DATABASE)
        archive.writestr(MANIFEST, manifest)
        archive.writestr(SIGNATURE, key.sign(manifest))


_UNREADABLE = (OSError, KeyError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile)
"""What a changed byte makes of reading an archive."""


@contextmanager
def opened(bundle: Path, key_file: Path | None) -> Iterator[tuple[Manifest, Path]]:
    """What a bundle says, and its database; with a public key only if that key signed it."""
    with tempfile.TemporaryDirectory(prefix="kb-bundle-") as folder:
        database = Path(folder) / DATABASE
        signed, signature, content = _members(bundle)
        if key_file is not None:
            _verify(key_file, signed, signature)
        manifest = _manifest(signed)
        if hashlib.sha256(content).hexdigest() != manifest.database_sha256:
            raise BundleError("The bundle was changed: its database is not the one it names.")
        database.write_bytes(content)
        yield manifest, database


def _members(bundle: Path) -> tuple[bytes, bytes, bytes]:
    try:
        with zipfile.ZipFile(bundle) as archive:
            if any(member.file_size > LARGEST for member in archive.infolist()):
                raise BundleError(f"{bundle} is too large for a bundle.")
            return archive.read(MANIFEST), archive.read(SIGNATURE), archive.read(DATABASE)
    except _UNREADABLE as error:
        raise BundleError(f"{bundle} is no bundle, or was changed: {error}.") from None


def _verify(key_file: Path, manifest: bytes, signature: bytes) -> None:
    try:
        key = serialization.load_pem_public_key(key_file.read_bytes())
    except ValueError as error:
        raise BundleError(f"{key_file} is no public key: {error}.") from None
    if not isinstance(key, Ed25519PublicKey):
        raise BundleError(f"{key_file} is no Ed25519 key.")
    try:
        key.verify(signature, manifest)
    except InvalidSignature:
        raise BundleError("The bundle was not signed with this key, or was changed.") from None


def _manifest(text: bytes) -> Manifest:
    try:
        fields = json.loads(text)
        if fields["format"] != FORMAT:
            raise BundleError(f"The bundle has the format {fields['format']}; {FORMAT} is read.")
        datetime.fromisoformat(fields["publishedAt"])
        return Manifest(
            release=int(fields["release"]),
            content_hash=str(fields["contentHash"]),
            published_at=str(fields["publishedAt"]),
            database_sha256=str(fields["databaseSha256"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(f"The bundle's manifest cannot be read: {error!r}.") from None
