"""Web services: a guard around an ASGI application, by route."""

from sealscrub.boundary import bound_room

from .guarded_routes import GuardedRoute, NotFound, OpenRoute
from .middleware import GuardMiddleware
from .page_requests import Page, Paging
from .service_counts import RoundedCounters

__all__ = ["GuardMiddleware", "GuardedRoute", "NotFound", "OpenRoute", "Page", "Paging", "RoundedCounters"]

bound_room(__name__)
