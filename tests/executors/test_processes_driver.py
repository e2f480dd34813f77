"""Workers and their driver: they die with it, and Ctrl-C is for the driver alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from patience import PATIENCE_S, gone, pids, until

DRIVER = Path(__file__).with_name("driver_child.py")


def start(mode, folder):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    command = [sys.executable, str(DRIVER), mode, str(folder)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True)


@pytest.mark.parametrize("deadly", [signal.SIGKILL, signal.SIGTERM])
def test_workers_and_their_children_die_with_the_driver(tmp_path, deadly):
    driver = start("hang", tmp_path)
    hanging = pids(tmp_path / "pid")
    assert not any(gone(pid) for pid in hanging)
    started = psutil.Process(driver.pid).children(recursive=True)
    assert {process.pid for process in started} >= set(hanging)
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
