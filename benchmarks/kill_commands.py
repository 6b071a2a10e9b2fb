"""Kill commands while they write, and look whether anything is half done.

    python -m benchmarks.kill_commands --rounds 10

Each round migrates, publishes and imports 1,500 made-up facilities into a new SQLite file, and
kills each command (SIGKILL) at a moment that nobody chose. The same command is then run again and
must come to its end; afterwards the tables, the release and the export of the facilities have to be
those of a database in which nothing was killed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from kb.services.database import connect
from kb.services.recording.verify import verify_chains
from kb.settings import Settings
from tests.lists.many import write_list
from tests.live.serving import command_process

ROWS = 1_500


class Commands:
    """Runs commands of `kb` on one database."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.environment = environment
        self.log = log

    def run(self, *arguments: str) -> float:
        """Run a command to its end; gives the seconds that it took."""
        began = time.perf_counter()
        process = command_process(arguments, self.environment, self.log)
        process.join()
        assert process.exitcode == 0, self.log.read_text()[-2_000:]
        return time.perf_counter() - began

    def kill(self, after: float, *arguments: str) -> bool:
        """Begin a command and kill it after some seconds; whether it was still at work."""
        process = command_process(arguments, self.environment, self.log)
        process.join(after)
        at_work = process.exitcode is None
        process.kill()
        process.join()
        return at_work


async def exported(commands: Commands, settings: Settings, to: Path) -> str:
    """The facilities as the list of an export; AssertionError if their events do not fit them."""
    async with connect(settings, everywhere=False):
        verified = await verify_chains()
    assert not verified.breaks, verified.breaks
    await asyncio.to_thread(commands.run, "facilities", "export", str(to))
    return await asyncio.to_thread(to.read_text)


def steps(list_: Path) -> Mapping[str, Sequence[str]]:
    """The commands that fill a database."""
    return {
        "migrate": ("migrate",),
        "publish": ("content", "publish"),
        "import": ("facilities", "import", str(list_)),
    }


def main() -> None:
    """Run the campaign; exit code 1 if anything was half done."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chosen = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        list_ = write_list(folder / "list.csv", ROWS)

        def database(number: int) -> tuple[Commands, Settings]:
            settings = Settings(database_url=f"sqlite://{folder / f'{number}.sqlite3'}")
            environment = {"KB_DATABASE_URL": settings.database_url}
            return Commands(environment, folder / "log"), settings

        commands, settings = database(0)
        usual = {step: commands.run(*arguments) for step, arguments in steps(list_).items()}
        expected = asyncio.run(exported(commands, settings, folder / "expected.csv"))
        killed = dict.fromkeys(usual, 0)
        wrong = 0
        for number in range(1, options.rounds + 1):
            commands, settings = database(number)
            for step, arguments in steps(list_).items():
                moment = chosen.uniform(0.2, 1.0) * usual[step]
                killed[step] += commands.kill(moment, *arguments)
                commands.run(*arguments)
            exported_again = asyncio.run(exported(commands, settings, folder / "found.csv"))
            wrong += exported_again != expected
            verdict = "as it has to be" if exported_again == expected else "WRONG"
            print(f"round {number}: {verdict}", flush=True)
        print(f"{killed} killed at work in {options.rounds} rounds; {wrong} rounds went wrong.")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
