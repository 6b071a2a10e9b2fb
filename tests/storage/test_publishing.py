import shutil
from pathlib import Path

import pytest

import faq_content
from kb.errors import ContentError, GoldenCaseError
from kb.services.knowledge.prepared import PreparedKind, content_key, keep_prepared
from kb.services.knowledge.publishing import publish_content
from kb.services.knowledge.releases import Published, current_release
from kb.settings import Settings
from tests.storage.stored import MORNING, row_counts
from tests.trial_databases import on_sqlite


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the real content that a test may spoil."""
    return Path(shutil.copytree(str(faq_content.folder()), tmp_path / "content"))


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


async def test_publishing_the_same_files_again_makes_no_new_release(
    published: Settings, folder: Path
) -> None:
    assert await publish_content(None, at=MORNING) == Published(1, created=False)
    assert await publish_content(folder, at=MORNING) == Published(1, created=False)


@on_sqlite
async def test_files_that_were_read_before_are_not_read_again(
    published: Settings, folder: Path
) -> None:
    replace(folder / "countries" / "rollout.yaml", "name: Vietnam", "nam: Vietnam")
    info = await current_release()
    assert info is not None
    await keep_prepared(PreparedKind.CONTENT, content_key(folder), info.content_hash.encode())
    assert await publish_content(folder, at=MORNING) == Published(1, created=False)


@pytest.mark.slow
@on_sqlite
async def test_an_older_state_is_published_again_though_it_was_read_before(
    published: Settings, folder: Path
) -> None:
    replace(folder / "countries" / "rollout.yaml", "name: Vietnam", "name: Viet Nam")
    assert await publish_content(folder, at=MORNING) == Published(2, created=True)
    assert await publish_content(None, at=MORNING) == Published(3, created=True)


def test_the_key_of_files_is_another_when_one_is_changed_renamed_added_or_gone(
    folder: Path,
) -> None:
    countries = folder / "countries"
    keys = [content_key(folder)]
    replace(countries / "rollout.yaml", "name: Vietnam", "name: Viet Nam")
    keys.append(content_key(folder))
    (countries / "rollout.yaml").rename(countries / "rolled-out.yaml")
    keys.append(content_key(folder))
    (countries / "more.yaml").touch()
    keys.append(content_key(folder))
    (countries / "rolled-out.yaml").unlink()
    keys.append(content_key(folder))
    assert len({*keys}) == 5
    assert keys[0] == content_key(None)


@pytest.mark.slow
async def test_a_changed_file_makes_a_new_release(published: Settings, folder: Path) -> None:
    replace(folder / "countries" / "rollout.yaml", "name: Vietnam", "name: Viet Nam")
    assert await publish_content(folder, at=MORNING, note="Name") == Published(2, created=True)


@pytest.mark.slow
@on_sqlite
async def test_one_broken_file_and_nothing_is_published(published: Settings, folder: Path) -> None:
    before = await row_counts()
    replace(folder / "countries" / "rollout.yaml", "name: Vietnam", "nam: Vietnam")
    with pytest.raises(ContentError, match=r"countries/rollout\.yaml"):
        await publish_content(folder, at=MORNING)
    assert await row_counts() == before


@pytest.mark.slow
@on_sqlite
async def test_one_wrong_golden_case_and_nothing_is_published(
    published: Settings, folder: Path
) -> None:
    before = await row_counts()
    (folder / "golden" / "wrong.yaml").write_text(
        "A case that is wrong on purpose:\n"
        "  as_of: 2021-11-01\n"
        '  profile: {country: "VN", enrolled: "YES"}\n'
        "  expect: {assessed_by: VERIFIER_BODY}\n"
    )
    with pytest.raises(GoldenCaseError, match="A case that is wrong on purpose: assessed_by"):
        await publish_content(folder, at=MORNING)
    assert await row_counts() == before
    info = await current_release()
    assert info is not None
    assert info.number == 1
