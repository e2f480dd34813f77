"""What a user's script defines lives in `__main__`: a worker that meets it in a pickle runs the script, renamed.

As with `multiprocessing`, such a script keeps its call of `netwright.search` under `if __name__ == "__main__":`.
"""

from __future__ import annotations

import os
import runpy
import sys
import types
from dataclasses import dataclass

_ALIAS = "__mp_main__"
"""As `multiprocessing` names it, which makes it known in the driver as well: what comes back unpickles there."""


@dataclass(frozen=True)
class Script:
    """The driver's main module, by import name or by path; both "" where there is none (an interactive session)."""

    module: str = ""
    path: str = ""

    @classmethod
    def current(cls) -> Script:
        main = sys.modules["__main__"]
        spec = getattr(main, "__spec__", None)
        if spec is not None:
            return cls(module=spec.name)
        path = getattr(main, "__file__", None)
        return cls(path=os.path.abspath(path)) if path and os.path.isfile(path) else cls()

    def adopt(self, pickle: bytes) -> None:
        """Makes this script's definitions known here, once, if `pickle` speaks of `__main__`."""
        adopted = sys.modules["__main__"].__name__ == _ALIAS
        if adopted or b"__main__" not in pickle or not (self.module or self.path):
            return
        alias = types.ModuleType(_ALIAS)
        sys.modules[_ALIAS] = alias
        if self.module:
            found = runpy.run_module(self.module, run_name=_ALIAS, alter_sys=True)
        else:
            found = runpy.run_path(self.path, run_name=_ALIAS)
        alias.__dict__.update(found)
        sys.modules["__main__"] = alias
        sys.modules[_ALIAS] = alias
