"""JupyterHub for a class on one machine; its accounts are the machine's own.

Run as root, from the project's folder:

    pip install -c binder/constraints.txt -r binder/hub/requirements.txt
    npm install --prefix binder/hub
    jupyterhub -f binder/hub/jupyterhub_config.py

Every account in the group `learners` may log in with its password, and works as its
own user in its own home folder. Passwords cross the wire: put a server that speaks
TLS in front. `class_of.py` tries this file with simulated learners.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent

c = get_config()  # noqa: F821 - JupyterHub gives it

c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {"learners"}
# Where learners may be hostile to each other, give each an origin of their own: set
# c.JupyterHub.subdomain_host, with a wildcard name that leads here.
c.ConfigurableHTTPProxy.command = [
    str(HERE / "node_modules" / ".bin" / "configurable-http-proxy")
]

# Each start keeps two cores busy for two seconds, so the last of a class waits long.
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 180
c.Spawner.cmd = [sys.executable, str(HERE / "singleuser.py")]
c.Spawner.default_url = "/lab"
c.Spawner.args = [
    # Seconds. What is left alone gives its memory back; files stay.
    "--MappingKernelManager.cull_idle_timeout=1800",
    "--MappingKernelManager.cull_connected=True",
    "--ServerApp.shutdown_no_activity_timeout=3600",
    # Helps with no lab, and looks for other programs at every start.
    "--LanguageServerManager.autodetect=False",
]
