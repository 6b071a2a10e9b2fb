"""CPU time of one question, on the real content and on 2,000 made-up FAQs.

python -m benchmarks.search_speed
python -m benchmarks.search_speed --entries 500
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import MappingProxyType

from benchmarks.trials import trials
from kb.content.faq_records import Faq, Passage
from kb.content.library import library_from, read_content
from kb.content.records import Library
from kb.search import SearchIndex

LONGEST = [
    part * (10_000 // len(part))
    for part in ("how do I share data ", "asessment verfication registeration ", "আ", "é")
]
"""Questions as long as may be."""


def synthetic(library: Library, entries: int, seed: int = 1) -> Library:
    """A library of made-up FAQs that say the words of the real ones, and as many made-up words."""
    chosen = random.Random(seed)
    pool = [
        word
        for faq in library.faqs.values()
        for text in (faq.question, *faq.phrasings, *(passage.text for passage in faq.passages))
        for word in text.split()
    ]
    pool += ["".join(chosen.choices("abcdeilmnorstu", k=chosen.randint(4, 9))) for _ in pool]

    def text(words: int) -> str:
        return " ".join(chosen.choices(pool, k=words))

    model = library.faqs[1]
    faqs: dict[int, Faq] = {}
    for number in range(1, entries + 1):
        faqs[number] = replace(
            model,
            number=number,
            slug=f"made-up-{number}",
            question=text(12),
            phrasings=tuple(text(8) for _ in range(8)),
            passages=tuple(
                Passage(id=f"{number}.p{passage}", text=text(40)) for passage in range(4)
            ),
        )
    nothing: MappingProxyType[tuple[str, int], object] = MappingProxyType({})
    return replace(library, faqs=MappingProxyType(faqs), translations=nothing)


def timed(call: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    """CPU milliseconds of each call, sorted."""
    spent: list[float] = []
    for text in texts:
        started = time.process_time()
        call(text)
        spent.append(1000 * (time.process_time() - started))
    return sorted(spent)


def show(name: str, spent: Sequence[float]) -> None:
    """Print the median and the 95th and 100th percentile."""
    at = (len(spent) // 2, int(0.95 * len(spent)), len(spent) - 1)
    print(f"{name:50}" + "".join(f"{spent[place]:10.2f}" for place in at))


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--entries", type=int, default=2000)
    arguments = options.parse_args()
    library = library_from(read_content())
    texts = [trial.text for trial in trials()]
    print(f"{'CPU milliseconds':50}{'p50':>10}{'p95':>10}{'most':>10}")
    for name, content in (
        (f"{len(library.faqs)} FAQs, {len(library.not_covered)} topics", library),
        (f"{arguments.entries} made-up FAQs", synthetic(library, arguments.entries)),
    ):
        started = time.process_time()
        index = SearchIndex.build(content)
        built = time.process_time() - started
        timed(index.ask, texts[:200])
        show(f"ask, {name}", timed(index.ask, texts))
        show(f"ask 10,000 characters, {name}", timed(index.ask, LONGEST))
        show(f"suggest, {name}", timed(index.suggest, [text[:20] for text in texts]))
        print(f"{'  built in seconds':50}{built:10.1f}")


if __name__ == "__main__":
    main()
