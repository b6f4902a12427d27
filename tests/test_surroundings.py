"""Streams that cannot be written, and a process that may have little: one line and a status."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from lowcap import interrupt
from lowcap.cli import main, surroundings
from lowcap.errors import RunError
from lowcap.runs import process_pool

LIST = [sys.executable, "-m", "lowcap", "data", "list"]


def ended(process: subprocess.CompletedProcess) -> str:
    """The one line of a process that failed."""
    assert process.returncode not in (0, -signal.SIGKILL)
    (line,) = process.stderr.strip().splitlines()
    assert line.startswith("lowcap: ")
    return line


def called(script: str) -> subprocess.CompletedProcess:
    """What came of a shell's line, `$@` in it being the command."""
    command = ["sh", "-c", script, "sh", *LIST]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_a_full_or_closed_output_is_a_line():
    assert "cannot be written (No space left" in ended(called('"$@" >/dev/full'))
    assert "standard output is closed" in ended(called('"$@" >&-'))


def test_help_to_a_full_device_is_a_line(monkeypatch, capfd):
    class Full:
        encoding = "utf-8"

        def write(self, text):
            return len(text)

        def flush(self):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    assert main(["data", "list"]) == 1
    assert "cannot be written (No space left" in capfd.readouterr().err


def test_too_few_addresses_are_a_line(monkeypatch, capfd):
    monkeypatch.setattr(surroundings, "_addresses", lambda: 10**9)
    assert main(["data", "list"]) == 1
    assert "may have 1 GB of addresses and needs 4 GB; raise the limit" in capfd.readouterr().err


SMALL_RUN = [sys.executable, "-m", "lowcap", "run", "low-capacity", "--tasks", "0-1", "--hidden",
             "2", "--seeds", "2", "--epochs", "5", "--claims", "graceful", "--out"]  # fmt: skip


@pytest.mark.long
def test_a_run_ends_with_the_fewest_addresses_that_are_not_refused(tmp_path):
    resource = pytest.importorskip("resource")

    def limited(addresses):
        return subprocess.run(
            [*SMALL_RUN, str(tmp_path / str(addresses))], capture_output=True, text=True,
            check=False, timeout=300,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (addresses, addresses)),
        )  # fmt: skip

    assert "needs 4 GB" in ended(limited(surroundings.LEAST_ADDRESSES - 2**20))
    enough = limited(surroundings.LEAST_ADDRESSES)
    assert (enough.returncode, enough.stderr) == (0, "")


@pytest.mark.long
def test_a_run_without_shared_memory_is_a_line(tmp_path):
    command = 'mount --make-rprivate / && mount -t tmpfs -o ro none /dev/shm && "$@"'
    apart = ["unshare", "--mount", "sh", "-c", command, "sh"]
    if not shutil.which("unshare") or subprocess.run([*apart, "true"], check=False).returncode:
        pytest.skip("needs root and unshare")
    out = tmp_path / "run"
    refused = subprocess.run(
        [*apart, *SMALL_RUN, str(out)], capture_output=True, text=True, check=False, timeout=300
    )
    assert "they need shared memory (/dev/shm) that can be written" in ended(refused)
    subprocess.run([*SMALL_RUN, str(out)], check=True, capture_output=True, timeout=300)


def test_what_the_system_refuses_is_a_line(monkeypatch, tmp_path, capfd):
    def refuse(error):
        def refused(*_, **__):
            raise error

        monkeypatch.setattr("lowcap.studies.study.rebuild", refused)
        assert main(["report", str(tmp_path)]) == 1
        (line,) = capfd.readouterr().err.strip().splitlines()
        return line

    assert refuse(PermissionError(13, "Permission denied", "a/b")) == (
        "lowcap: a/b: Permission denied"
    )
    assert "refused what was needed (Too many open files)" in refuse(
        OSError(24, "Too many open files")
    )
    assert "not enough memory (none is left)" in refuse(MemoryError())
    with pytest.raises(ZeroDivisionError):  # a mistake of ours is none of the system's
        refuse(ZeroDivisionError())


def test_a_name_that_no_directory_can_have_is_one_line(tmp_path, capfd):
    for command in (["report"], ["verify"], ["explore"], ["export"], ["check"]):
        assert main([*command, str(tmp_path / ("x" * 300))]) == 1
        (line,) = capfd.readouterr().err.strip().splitlines()
        assert "File name too long" in line


def test_shared_memory_that_cannot_be_written_is_a_line(monkeypatch):
    class Context:
        def Value(self, *_):
            raise OSError(30, "Read-only file system")

    monkeypatch.setattr("multiprocessing.get_context", lambda name: Context())
    with pytest.raises(
        RunError, match=r"cannot be started \(Read-only file system\); they need sh"
    ):
        process_pool(2)


@pytest.mark.parametrize("after", [0.05, 0.3, 1.0])
def test_three_interrupts_at_once_are_a_line(after):
    with subprocess.Popen(
        LIST, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        # Python itself starts before it can be told what an interrupt means.
        _wait_until_listening(process.pid)
        time.sleep(after)
        for _ in range(3):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.002)
        _, errors = process.communicate(timeout=300)
    assert "Traceback" not in errors
    assert len(errors.strip().splitlines()) <= 1
    assert process.returncode in (0, 130)


def _wait_until_listening(pid: int) -> None:
    """Until the process has a handler for the interrupt of its own, not Python's."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        pytest.skip("cannot be seen on this system")
    while status.exists():
        text = status.read_text()
        caught = int(text.split("SigCgt:")[1].split()[0], 16)
        if caught & (1 << signal.SIGTERM - 1):  # lowcap hears both, Python SIGINT alone
            return
        time.sleep(0.002)


def test_processes_that_start_later_hear_no_interrupt():
    with interrupt.later():
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, set())
        assert signal.SIGINT in blocked
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, set())
