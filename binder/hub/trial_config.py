"""The hub's configuration as `class_of.py` tries it: made-up accounts, one password.

All learners run as the user who runs the trial, so this is for a trial alone.
"""

import json
import os
from pathlib import Path

c = get_config()  # noqa: F821 - JupyterHub gives it
full = Path(__file__).with_name("jupyterhub_config.py")
load_subconfig(str(full))  # noqa: F821 - JupyterHub gives it, too

trial = json.loads(os.environ["LABKIT_TRIAL"])

c.JupyterHub.bind_url = trial["url"]
c.JupyterHub.hub_port = trial["hub_port"]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{trial['proxy_port']}"
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.cookie_secret_file = str(Path(trial["folder"]) / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(Path(trial["folder"]) / "proxy.pid")
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = trial["password"]
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = trial["folder"] + "/homes/{username}"
c.Spawner.environment.update(trial["environment"])
# Where the trial runs as root, as in a container, so do its learners.
c.Spawner.args = [*c.Spawner.args, "--allow-root"]
(page,) = c.JupyterHub.services
page["url"] = f"http://127.0.0.1:{trial['page_port']}"
page["environment"] = {**trial["environment"], "LABKIT_PROXY": trial["url"]}
c.JupyterHub.services.append({"name": "trial", "api_token": trial["token"]})
c.JupyterHub.load_roles.append(
    {
        "name": "trial",
        "services": ["trial"],
        "scopes": [
            *("admin:users", "admin:servers", "access:servers"),
            "access:services!service=class",
        ],
    }
)
