"""Keep `exit()` in a background thread from ending a Jupyter kernel.

In a notebook `exit` asks the kernel itself to stop, from whichever thread. A learner's
handler that calls it should end its own request, as it would end its own worker.
"""

import sys
import threading


def keep_kernel_alive() -> None:
    """From now on `exit()` outside the main thread raises SystemExit and no more."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module else None
    if shell is None or getattr(shell.ask_exit, "only_main_thread", False):
        return
    ask_exit = shell.ask_exit

    def ask_exit_in_main_thread() -> None:
        if threading.current_thread() is not threading.main_thread():
            raise SystemExit
        ask_exit()

    ask_exit_in_main_thread.only_main_thread = True  # type: ignore[attr-defined]  # marks it as ours
    shell.ask_exit = ask_exit_in_main_thread
