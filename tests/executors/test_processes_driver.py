"""Workers and their driver: they die with it, and Ctrl-C is for the driver alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

DRIVER = Path(__file__).with_name("driver_child.py")
PATIENCE_S = 120.0


def start(mode, folder):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    command = [sys.executable, str(DRIVER), mode, str(folder)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True)


def until(holds):
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("deadly", [signal.SIGKILL, signal.SIGTERM])
def test_workers_and_their_children_die_with_the_driver(tmp_path, deadly):
    driver = start("hang", tmp_path)
    until((tmp_path / "pid").exists)
    pids = [int(word) for word in (tmp_path / "pid").read_text().split()]
    assert not any(gone(pid) for pid in pids)
    started = psutil.Process(driver.pid).children(recursive=True)
    assert {process.pid for process in started} >= set(pids)
    os.kill(driver.pid, deadly)
    driver.communicate(timeout=PATIENCE_S)
    for process in started:
        until(lambda process=process: gone(process.pid))


def test_ctrl_c_does_not_reach_the_workers(tmp_path):
    driver = start("interrupted", tmp_path)
    until((tmp_path / "pid").exists)
    os.killpg(driver.pid, signal.SIGINT)
    output, _ = driver.communicate(timeout=PATIENCE_S)
    assert output.split() == ["interrupted", "finished"]
    assert driver.returncode == 0


def test_an_evaluator_may_live_in_the_main_script(tmp_path):
    output, _ = start("script", tmp_path).communicate(timeout=PATIENCE_S)
    assert output.split() == ["finished", "__mp_main__"]
