"""Servers that are forked from one process which has the program loaded and its search built.

Each is a process of its own and is served as ever; only what takes seconds at its start, and is the
same for all of them, is done once. `kb` as it is installed is tried by the examples.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

_START = multiprocessing.get_context("forkserver")
_START.set_forkserver_preload(["tests.live.loaded"])


class ServerProcess:
    """A process that serves an app on 127.0.0.1, with these environment variables.

    It is served as by `kb serve`, or as by uvicorn itself.
    """

    def __init__(
        self,
        app: str,
        port: int,
        environment: Mapping[str, str],
        log: Path,
        by_itself: bool = False,
    ) -> None:
        self._process: BaseProcess = _START.Process(
            target=_serve, args=(app, port, dict(environment), str(log), by_itself), daemon=True
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """Its number among the processes of the machine."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it runs no more."""
        return self._process.exitcode is not None

    def terminate(self) -> None:
        """Ask it to end, as a supervisor would."""
        self._process.terminate()

    def kill(self) -> None:
        """End it without asking."""
        self._process.kill()

    async def wait(self) -> None:
        """Wait until it has ended."""
        await asyncio.to_thread(self._process.join)


def command_process(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    log: Path,
    errors: Path | None = None,
) -> BaseProcess:
    """A process that runs one command of `kb`; it is started already, and the caller ends it.

    What it prints goes to a file, with its errors if no other file is given for them.
    """
    files = (str(log), str(errors or log))
    # Not as a daemon, which may start no process of its own.
    process = _START.Process(target=_run_command, args=(list(arguments), dict(environment), *files))
    process.start()
    return process


def _run_command(
    arguments: list[str], environment: Mapping[str, str], log: str, errors: str
) -> None:
    _become(environment, log, errors)
    sys.argv = ["kb", *arguments]
    from kb.cli import main

    main()


def _become(environment: Mapping[str, str], log: str, errors: str) -> None:
    """Have this environment, write to these files, and end by signals as other processes do."""
    os.environ.clear()
    os.environ.update(environment)
    for stream, path in ((sys.stdout, log), (sys.stderr, errors)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, stream.fileno())
        os.close(file)
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, signal.SIG_DFL)


def _serve(app: str, port: int, environment: Mapping[str, str], log: str, by_itself: bool) -> None:
    import uvicorn

    from graphql_schema.web.serving import uvicorn_options
    from kb.settings import Settings

    _become(environment, log, log)
    options = {} if by_itself else uvicorn_options(Settings())
    uvicorn.run(app, factory=True, host="127.0.0.1", port=port, **options)
