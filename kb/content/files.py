"""Which file holds which kind. Every file under the folder is accounted for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from hashlib import sha256
from importlib.resources.abc import Traversable

from babel import Locale, UnknownLocaleError

from kb.content.kinds import KINDS, Kind
from kb.content.po_files import read_catalogue
from kb.content.reading import FaqFile, Path, Placed, dotted, read_faq, read_yaml
from kb.errors import Problem

_PLACES = {kind.place: kind for kind in KINDS.values()}
# Samples are for editors, to copy from; they are checked by a test and never loaded.
_NOT_CONTENT = re.compile(r"samples|__pycache__|\..*|.*\.py")
_NUMBERED = re.compile(r"[0-9]{1,4}-")
# Each locale has a folder, and in it a glossary that translators keep to; it is no content either.
_LOCALE_FOLDER = re.compile(r"translations/[^/]+")
_TRANSLATORS_GLOSSARY = "glossary.yaml"
CATALOGUE = "decisions.po"
# The other files of a locale's folder, each a kind of its own.
_IN_LOCALE_FOLDER = {
    "handovers.yaml": KINDS["handover_translation"],
    CATALOGUE: KINDS["catalogue"],
}


@dataclass(frozen=True, slots=True)
class Raw:
    """One record as a file has it: its kind, its key, and where it stands."""

    kind: Kind
    key: str
    file: str
    placed: Placed

    def problem(self, path: Path, wrong: str, allowed: str = "") -> Problem:
        """Something wrong at a path within this record."""
        # Editors write `cites`; the records hold citations.
        shown = tuple("cites" if part == "citations" else part for part in path)
        line = self.placed.at(path).line
        if path[:1] == ("passages",) and len(path) > 1:  # which editors know by its heading
            slug = str(self.placed.at((*path[:2], "id")).value).partition(".")[2]
            shown = (slug, *shown[2:])
        return Problem(self.file, line, dotted((self.key, *shown)), wrong, allowed)


def is_locale(name: str) -> bool:
    """Whether a folder of translations can have this name: a language that CLDR knows."""
    try:
        return re.fullmatch("[a-z]{2,3}", name) is not None and bool(Locale.parse(name))
    except UnknownLocaleError:
        return False


def nearest(word: str, known: list[str]) -> str:
    """A hint at the known word that resembles this one; empty when none does."""
    close = get_close_matches(word, known, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


@dataclass(frozen=True, slots=True)
class Found:
    """All records under a folder in the order of the files, and what is wrong with their form.

    `unreadable` names the kinds of which some file could not be read at all: what other records
    say of those kinds cannot be judged.
    """

    raws: list[Raw]
    problems: list[Problem]
    unreadable: set[str]


def files_hash(*folders: Traversable) -> str:
    """SHA-256 of every file in some folders and below: of their names and of what they hold."""
    digest = sha256()
    for folder in folders:
        for name, entry in sorted(_all_files(folder, "")):
            body = entry.read_bytes()
            digest.update(f"{name} {len(body)}\n".encode() + body)
    return digest.hexdigest()


def _all_files(folder: Traversable, place: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.is_file():
            yield place + entry.name, entry
        elif entry.name != "__pycache__":
            yield from _all_files(entry, f"{place}{entry.name}/")


def raw_records(folder: Traversable) -> Found:
    """Read every file under a folder."""
    raws: list[Raw] = []
    problems: list[Problem] = []
    unreadable: set[str] = set()
    if not folder.is_dir():
        wrong = "there is no such folder"
        return Found([], [Problem(str(folder), None, "", wrong, "a content folder")], set(KINDS))
    for file, kind, entry in _claimed(folder, "", problems):
        try:
            text = entry.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            problems.append(Problem(file, None, "", "the file is not UTF-8", "plain UTF-8 text"))
            unreadable.add(kind.name)
            continue
        well_formed, malformed = records_of(kind, file, text)
        if not well_formed:
            unreadable.add(kind.name)
        raws += well_formed
        problems += malformed
    by_key: dict[tuple[str, str], Raw] = {}
    for raw in raws:
        first = by_key.setdefault((raw.kind.name, raw.key), raw)
        if first is not raw:
            wrong_key = f"the {raw.kind.name} is already in {first.file}:{first.placed.line}"
            problems.append(raw.problem((), wrong_key, "every key once over all files of a kind"))
    return Found(list(by_key.values()), problems, unreadable)


def records_of(kind: Kind, file: str, text: str) -> tuple[list[Raw], list[Problem]]:
    """The records in the text of one file, and what is wrong with its form."""
    if kind.suffix == ".md":
        faq, problems = read_faq(file, text)
        if faq is None:
            return [], problems
        record = _faq_record(kind, file, faq)
        problems = [
            replace(problem, key=f"{record.key}.{problem.key}".strip(".")) for problem in problems
        ]
        if "passages" in faq.front:
            wrong = "passages are not front matter"
            problems.append(record.problem(("passages",), wrong, "headings `## slug` below it"))
        if kind.name == "translation":
            return [record], problems + _misplaced(record, faq)
        number, slug = (faq.front.get(name) for name in ("number", "slug"))
        if number and slug and isinstance(number.value, int):
            name = f"{number.value:02}-{slug.value}{kind.suffix}"
            if name != file.rpartition("/")[2]:
                wrong = "the file is not named after its number and slug"
                problems.append(Problem(file, None, record.key, wrong, name))
        return [record], problems
    if kind.suffix == ".po":
        catalogue, problems = read_catalogue(file, text)
        key = file.split("/")[-2]
        return ([] if catalogue is None else [Raw(kind, key, file, catalogue)]), problems
    entries, problems = read_yaml(file, text)
    locale = f"{file.split('/')[-2]}." if kind.name == "handover_translation" else ""
    raws = [Raw(kind, f"{locale}{key}", file, placed) for key, placed in entries.items()]
    problems += [
        raw.problem((), "the key has the wrong form", kind.key_form)
        for raw in raws
        if not re.fullmatch(kind.key_pattern, raw.key)
    ]
    return raws, problems


def _faq_record(kind: Kind, file: str, faq: FaqFile) -> Raw:
    """A FAQ as one record: front matter with its passages below the key `passages`."""
    number, locale = faq.front.get("number"), faq.front.get("locale")
    named = file.rpartition("/")[2].removesuffix(kind.suffix)
    if number and isinstance(number.value, int):
        named = str(number.value)
    elif _NUMBERED.match(named):  # what is wrong with the number is then the only problem
        named = str(int(named.partition("-")[0]))
    key = f"{locale.value}.{named}" if locale and kind.name == "translation" else named
    passages = [
        Placed({"id": Placed(f"{named}.{slug}", text.line), "text": text}, text.line)
        for slug, text in faq.passages.items()
    ]
    first = min((text.line for text in faq.passages.values()), default=1)
    return Raw(kind, key, file, Placed({**faq.front, "passages": Placed(passages, first)}, 1))


def _misplaced(record: Raw, translation: FaqFile) -> list[Problem]:
    """A translation lies in the folder of its locale, in a file that begins with its number."""
    locale, number = (translation.front.get(key) for key in ("locale", "number"))
    if locale is None or number is None or not isinstance(number.value, int):
        return []
    place = f"translations/{locale.value}/{number.value:>02}-"
    if record.file.startswith(place):
        return []
    wrong = "the file is not named after its locale and number"
    return [Problem(record.file, None, record.key, wrong, f"{place}*.md")]


def _claimed(
    folder: Traversable, below: str, problems: list[Problem]
) -> Iterator[tuple[str, Kind, Traversable]]:
    """Each file with its kind; files and folders that no kind claims are problems."""
    for entry in sorted(folder.iterdir(), key=lambda path: path.name):
        if _NOT_CONTENT.fullmatch(entry.name):
            continue
        name = f"{below}/{entry.name}".removeprefix("/")
        if entry.is_dir():
            of_locale = _LOCALE_FOLDER.fullmatch(name) is not None
            if of_locale and not is_locale(entry.name):
                wrong = f"{entry.name} is not a known locale"
                problems.append(Problem(f"{name}/", None, "", wrong, "such as vi"))
            elif of_locale or any(f"{place}/".startswith(f"{name}/") for place in _PLACES):
                yield from _claimed(entry, name, problems)
            else:
                problems.append(_unclaimed(f"{name}/"))
            continue
        translated = _LOCALE_FOLDER.fullmatch(below) is not None
        if translated and entry.name == _TRANSLATORS_GLOSSARY:
            continue
        place = "translations" if translated else below
        kind = _PLACES.get(place) or _PLACES.get(name.removesuffix(".yaml"))
        if translated:
            kind = _IN_LOCALE_FOLDER.get(entry.name, kind)
        if kind is not None and name.endswith(kind.suffix):
            yield name, kind, entry
        else:
            problems.append(_unclaimed(name))


def _unclaimed(name: str) -> Problem:
    places = ", ".join(place for place, kind in _PLACES.items() if kind.suffix == ".yaml")
    allowed = (
        f"faqs/*.md, and `place.yaml` or `place/*.yaml` for the places {places}; "
        f"translations/vi/*.md and translations/vi/{', '.join(_IN_LOCALE_FOLDER)}"
    )
    return Problem(name, None, "", "no kind of content lies here", allowed)
