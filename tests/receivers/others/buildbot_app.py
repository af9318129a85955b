"""Buildbot's hook for GitHub, without the rest of a Buildbot master.

Source: docs.buildbot.net, "Change Hooks". The hook gives each change to the master.
"""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from buildbot.www.change_hook import ChangeHookResource
from twisted.internet import defer, endpoints, reactor
from twisted.web.server import Site


def add_change(**change: Any) -> Any:
    with Path(os.environ["LEDGER"]).open("a") as ledger:
        ledger.write(f"{change['revision']}\n")
    return defer.succeed(1)


master = SimpleNamespace(
    data=SimpleNamespace(updates=SimpleNamespace(addChange=add_change)),
    www=SimpleNamespace(resourceNeedsReconfigs=lambda _: None),
)
hook = ChangeHookResource(
    master, {"github": {"secret": os.environ["SECRET"], "strict": True}}
)
address = f"tcp:{os.environ['PORT']}:interface=127.0.0.1"
endpoints.serverFromString(reactor, address).listen(Site(hook))
reactor.run()
