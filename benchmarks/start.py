"""What a start costs: until the first answer and until the search is ready, and the memory after.

    python -m benchmarks.start
    python -m benchmarks.start --database postgres://…    on an existing database

Each row is a process of `kb serve` of its own: on a new database, which is made, filled with the
content and with demo facilities, and twice on the one that is there then.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

KB = Path(sys.executable).with_name("kb")
FIRST = "{ faq(number: 14) { question } }"
QUESTIONS = {
    "en": "what does it cost to share our assessment",
    "vi": "chia sẻ kết quả đánh giá tốn bao nhiêu",
    "id": "berapa biaya untuk berbagi data",
    "bn": "ডেটা শেয়ার করতে কত খরচ",
}
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 120.0


@dataclass(frozen=True)
class Moment:
    """Seconds since the start of the process, and CPU seconds it has taken by then."""

    seconds: float
    cpu: float


@dataclass(frozen=True)
class Start:
    """What one start cost; memory is resident, in MB."""

    answer: Moment
    search: Moment
    idle: float
    after_queries: float


def measured(database: str, *options: str) -> Start:
    """Start a server, ask it, and end it."""
    port = free_port()
    environment = {**os.environ, "KB_DATABASE_URL": database, "KB_PORT": str(port)}
    began = time.monotonic()
    process = subprocess.Popen(
        [KB, "serve", *options], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )

    def moment() -> Moment:
        return Moment(time.monotonic() - began, _cpu_of(process.pid))

    def first(query: str) -> Moment:
        while not _answer(port, query):
            if process.poll() is not None or time.monotonic() > began + PATIENCE:
                raise SystemExit(process.communicate()[1].decode().strip() or "it does not answer")
            time.sleep(0.01)
        return moment()

    try:
        answer = first(FIRST)
        search = first(_asking(QUESTIONS["en"]))
        idle = _memory_of(process.pid)
        for question in QUESTIONS.values():
            _answer(port, _asking(question))
        return Start(answer, search, idle, _memory_of(process.pid))
    finally:
        process.terminate()
        process.communicate()


def _asking(question: str) -> str:
    return f"{{ ask(input: {{question: {json.dumps(question)}}}) {{ __typename }} }}"


def _answer(port: int, query: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(
            "POST", "/graphql", json.dumps({"query": query}), {"Content-Type": "application/json"}
        )
        body = json.loads(connection.getresponse().read())
    except OSError:
        return False
    finally:
        connection.close()
    for error in body.get("errors", ()):
        if error["extensions"]["code"] != "TIMEOUT":  # a busy machine; ask again
            raise SystemExit(error)
    return "errors" not in body


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def _memory_of(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def report(starts: dict[str, Start]) -> None:
    """Print a row for each start."""
    columns = ("first answer s", "CPU s", "search ready s", "CPU s", "idle MB", "after queries MB")
    print(f"{'':24}" + "".join(f"{column:>17}" for column in columns))
    for name, start in starts.items():
        figures = (
            *(start.answer.seconds, start.answer.cpu, start.search.seconds, start.search.cpu),
            *(start.idle, start.after_queries),
        )
        print(f"{name:24}" + "".join(f"{figure:17.2f}" for figure in figures))


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--database", help="one that is there, instead of a new SQLite file")
    arguments = options.parse_args()
    if arguments.database:
        report({name: measured(arguments.database) for name in ("existing", "existing, again")})
        return
    with tempfile.TemporaryDirectory(prefix="kb-start-") as folder:
        database = f"sqlite://{folder}/kb.sqlite3"
        report(
            {
                "new database": measured(database),
                "existing": measured(database),
                "existing, again": measured(database),
            }
        )


if __name__ == "__main__":
    main()
