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
    # The shell of a browser's kernel knows no way to end it, and has no other thread.
    ask_exit = getattr(shell, "ask_exit", None)
    if shell is None or getattr(ask_exit, "only_main_thread", False):
        return

    def ask_exit_in_main_thread() -> None:
        main = threading.current_thread() is threading.main_thread()
        if ask_exit is None or not main:
            raise SystemExit
        ask_exit()

    ask_exit_in_main_thread.only_main_thread = True  # type: ignore[attr-defined]  # marks it as ours
    shell.ask_exit = ask_exit_in_main_thread
