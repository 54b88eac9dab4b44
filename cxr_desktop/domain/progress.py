"""The one shape of a progress call-back."""

from collections.abc import Callable

Progress = Callable[[float], None]
"""Called with the share done, 0..1; raises Cancelled to stop the work between two steps."""
