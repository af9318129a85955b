"""JupyterHub for a class on one machine; its accounts are the machine's own.

Run as root, from the project's folder:

    pip install -c binder/constraints.txt -r binder/hub/requirements.txt
    npm install --prefix binder/hub
    jupyterhub -f binder/hub/jupyterhub_config.py

Every account in the group `learners` may log in with its password, and works as its
own user in its own home folder. Accounts in the group `instructors` may do so too, and
see who is where on the page of `class_page.py`. Passwords cross the wire: put a server
that speaks TLS in front. `class_of.py` tries this file with simulated learners.
"""

import itertools
import random
import socket
import sys
from pathlib import Path

HERE = Path(__file__).parent

c = get_config()  # noqa: F821 - JupyterHub gives it

c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {"learners", "instructors"}
# Instructors administer the hub, and see the class page at /services/class/.
c.PAMAuthenticator.admin_groups = {"instructors"}
# Where learners may be hostile to each other, give each an origin of their own: set
# c.JupyterHub.subdomain_host, with a wildcard name that leads here.
c.ConfigurableHTTPProxy.command = [
    str(HERE / "node_modules" / ".bin" / "configurable-http-proxy")
]

# Left to itself, the hub asks the system for a free port and gives it back; a learner's
# server listens there up to a minute later, when a whole class starts. Where another
# got the same port meanwhile, the hub takes its answer for the server's, and the
# learner meets a 404. The system hands out none of these ports unasked.
_PORTS = range(20_000, 30_000)
# Two hubs on one machine would not count through the same ones at the same time.
_turns = itertools.count(random.randrange(len(_PORTS)))


def port_of_its_own(spawner):
    """Give a learner's server a port that nobody else gets before it listens."""
    ports = (_PORTS[turn % len(_PORTS)] for turn in _turns)
    spawner.port = next(port for port in ports if _is_free(port))


def _is_free(port):
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


c.Spawner.pre_spawn_hook = port_of_its_own

# Each start keeps two cores busy for two seconds, so the last of a class waits long.
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 180
c.Spawner.cmd = [sys.executable, str(HERE / "singleuser.py")]
c.Spawner.default_url = "/lab"
c.Spawner.args = [
    # A kernel has five ports, picked like the hub's; where one is taken it never comes.
    "--KernelManager.transport=ipc",
    # Seconds. What is left alone gives its memory back; files stay.
    "--MappingKernelManager.cull_idle_timeout=1800",
    "--MappingKernelManager.cull_connected=True",
    "--ServerApp.shutdown_no_activity_timeout=3600",
    # Helps with no lab, and looks for other programs at every start.
    "--LanguageServerManager.autodetect=False",
]

# The class page asks the learners' servers how far they are. It needs the right to use
# them, and no right to start or stop one.
c.JupyterHub.services = [
    {
        "name": "class",
        "url": "http://127.0.0.1:10101",
        "command": [sys.executable, str(HERE / "class_page.py")],
        "environment": {"LABKIT_PROXY": "http://127.0.0.1:8000"},
        "oauth_no_confirm": True,
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "class",
        "services": ["class"],
        "scopes": ["list:users", "read:servers", "access:servers"],
    }
]
