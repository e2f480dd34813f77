"""The space core stands on its own."""

from __future__ import annotations

import subprocess
import sys


def test_no_framework_is_imported() -> None:
    code = "import netwright.space, sys; print(*sorted(m for m in sys.modules if m.split('.')[0] in HEAVY or m in OWN))"
    heavy = {"torch", "sklearn", "pandas", "onnx", "PIL", "scipy"}
    own = {"netwright.operations", "netwright.trial", "netwright.strategies"}
    program = f"HEAVY, OWN = {heavy!r}, {own!r}\n{code}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
