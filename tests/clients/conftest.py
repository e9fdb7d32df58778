"""The small made-up state of the API's tests, over which the client works."""

from tests.api.conftest import api, key, settings, state_url

__all__ = ["api", "key", "settings", "state_url"]
