"""The engine under an administrator's policy: what the window offers, and what it writes."""

from __future__ import annotations

from pathlib import Path

from cxr_desktop.domain import Progress
from cxr_desktop.policy import Policy
from cxr_desktop.ui.engine import ExportRequest, FormatChoice, ModelChoice
from cxr_desktop.ui.local_engine import LocalEngine

DEFAULT_MODEL = "demo"


class RestrictedEngine(LocalEngine):
    """device, model, data: as `LocalEngine` takes them. Raises PolicyError where the policy locks another."""

    def __init__(
        self, policy: Policy, device: str = "auto", model: str = "", data: Path | None = None
    ) -> None:
        asked = "" if model == DEFAULT_MODEL else model
        super().__init__(policy.chosen_device(device), policy.chosen_model(asked) or model, data)
        self._policy = policy

    def models(self) -> tuple[ModelChoice, ...]:
        found = super().models()
        return found[:1] if self._policy.model else found

    def formats(self) -> tuple[FormatChoice, ...]:
        return tuple(choice for choice in super().formats() if self._policy.allows_format(choice.id))

    def export(self, request: ExportRequest, progress: Progress) -> tuple[Path, ...]:
        self._policy.require_formats(request.formats)
        return super().export(request, progress)
