"""`--mode=chat` as a real process: through a pipe, in a terminal, interrupted."""

import os
import pty
import signal
import subprocess
import sys
import time

import pytest
from common import ROOT


@pytest.fixture
def talk(runs):
    """Starts a conversation with the tiny run of `dialogue`; returns its process."""
    run = runs("dialogue")
    started = []

    def start(*flags, stdin=subprocess.PIPE, stdout=subprocess.PIPE):
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "launch.py"), "--mode=chat", "--run=dialogue/täst",
             f"--logdir={run.parents[1]}", *flags], stdin=stdin, stdout=stdout,
            stderr=subprocess.PIPE)
        started.append(process)
        return process
    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_each_line_of_a_pipe_gets_one_line_at_once_and_bad_ones_say_why(talk):
    process = talk()
    for line, expected in [
            (b"And the LORD said\n", None), (b"\n", b"[empty: "), (b"  \t\r\n", b"[empty: "),
            (b"\xff\xfe\n", b"[not UTF-8: "), (b"long " * 999 + b"\n", b"[too long: "),
            (b"x" * 1000 + b"\n", None), (b"x" * 1001 + b"\n", b"[too long: "),
            (b"And\x00 the LORD\n", None), ("日本 🙂\n".encode(), None),
            (b"and the lord said\n", None)]:
        process.stdin.write(line)
        process.stdin.flush()
        answer = process.stdout.readline()  # before the next line is sent
        assert answer.endswith(b"\n")
        assert answer.strip()
        if expected:
            assert answer.startswith(expected), line
    out, err = process.communicate(b"without a line end")
    assert out.count(b"\n") == 1
    assert process.returncode == 0, err
    assert b"Traceback" not in err


def test_a_reader_that_leaves_ends_it(talk):
    process = talk()
    process.stdout.close()
    process.stdin.write(b"And\n" * 3)
    process.stdin.close()
    assert process.wait(300) == 0
    assert b"Traceback" not in process.stderr.read()


def test_in_a_terminal_it_prompts_and_an_interrupt_ends_it(talk, launch, runs):
    ours, theirs = pty.openpty()
    process = talk(stdin=theirs, stdout=theirs)
    os.close(theirs)
    seen = b""
    for typed in (b"And the LORD\n", b"\n", b""):
        while not seen.endswith(b"> "):
            seen += os.read(ours, 1000)
        os.write(ours, typed)
        seen += b"\n"
    assert b"Ctrl-D ends" in seen
    assert b"[empty: " in seen
    code, _, err = launch("--mode=export", "--run=dialogue/täst",
                          f"--logdir={runs('dialogue').parents[1]}")
    assert code == 6, err  # held by the conversation
    while _at_work(process.pid):  # else readline may lose the signal: it looks for one when its
        time.sleep(0.01)          # `select` returns, not when that begins
    process.send_signal(signal.SIGINT)
    assert process.wait(300) == 130
    err = process.stderr.read()
    assert b"the conversation is over" in err
    assert b"Traceback" not in err
    os.close(ours)


def _at_work(pid):
    """Returns whether the main thread of a process has something to do, rather than waits."""
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] in "RD"


@pytest.mark.parametrize(("flags", "message"), [
    (["--run=dense/täst"], "expected a run of dialogue"),
    (["--run=dialogue/täst", "--prompt=Hi"], "--prompt"),
    (["--run=dialogue/täst", "--width=3"], "--width"),
    (["--run=dialogue/täst", "--temperature=-1"], "nearest valid value is 0")])
def test_what_cannot_be_talked_to_is_refused(launch, runs, flags, message):
    runs("dense"), runs("dialogue")
    code, _, err = launch("--mode=chat", f"--logdir={runs('dense').parents[1]}", *flags)
    assert code == 1
    assert message in err
