"""Ways to wait 10 s, each as a small program that fails if no 10 s have passed."""

WAIT = 10.0

_CHECKED = """
import time
start = time.time()
{wait}
passed = time.time() - start
assert passed >= 9, passed
"""

_WAITS = {
    "time.sleep": "time.sleep(10)",
    "select": "import select; select.select([], [], [], 10)",
    "poll": "import select; select.poll().poll(10000)",
    "epoll": "import select; select.epoll().poll(10)",
    "socket timeout": """
import socket
one, two = socket.socketpair()
one.settimeout(10)
try:
    one.recv(1)
except TimeoutError:
    pass
""",
    "Popen.wait": """
import subprocess, sys
child = subprocess.Popen(["sleep", "1000000"])
try:
    child.wait(10)
except subprocess.TimeoutExpired:
    child.kill()
""",
    "asyncio.sleep": "import asyncio; asyncio.run(asyncio.sleep(10))",
    "Event.wait": "import threading; threading.Event().wait(10)",
    "Queue.get": """
import queue
try:
    queue.Queue().get(timeout=10)
except queue.Empty:
    pass
""",
    "Timer": """
import threading
timer = threading.Timer(10, lambda: None)
timer.start()
timer.join()
""",
    "Thread.join": """
import threading
thread = threading.Thread(target=time.sleep, args=(1000,), daemon=True)
thread.start()
thread.join(10)
""",
    "Lock.acquire": """
import threading
lock = threading.Lock()
lock.acquire()
lock.acquire(timeout=10)
""",
    "signal.setitimer": """
import signal
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 10)
signal.pause()
""",
}

PYTHON = {way: _CHECKED.format(wait=wait) for way, wait in _WAITS.items()}

_NODE_CHECKED = """
const start = Date.now()
const done = () => {{
  const passed = Date.now() - start
  process.exit(passed >= 9000 ? 0 : 1)
}}
{wait}
"""

NODE = {
    "Node setTimeout": _NODE_CHECKED.format(wait="setTimeout(done, 10000)"),
}
