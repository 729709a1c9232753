"""Web services: a guard around an ASGI application, by route."""

from .counting import RoundedCounters
from .middleware import GuardMiddleware
from .routes import GuardedRoute, NotFound, OpenRoute

__all__ = ["GuardMiddleware", "GuardedRoute", "NotFound", "OpenRoute", "RoundedCounters"]
