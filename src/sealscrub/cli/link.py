"""``sealscrub link``: records that share no identifier with a seal's notice."""

from __future__ import annotations

from .declarations import Commands
from .link_bound import link_bound
from .link_decide import link_decide
from .link_drill import link_drill
from .link_extract import link_extract
from .link_run import link_run
from .link_status import link_status
from .link_train import link_train

__all__ = ["app"]

app = Commands(help="Link records to seals by names and dates, if they share no identifier.", no_args_is_help=True)
app.command("extract")(link_extract)
app.command("train")(link_train)
app.command("run")(link_run)
app.command("decide")(link_decide)
app.command("bound")(link_bound)
app.command("drill")(link_drill)
app.command("status")(link_status)
