"""The administrator's policy laid over what was asked on the command line."""

from __future__ import annotations

import argparse

from cxr_desktop.policy import Policy, read_policy

COMMANDS = ("analyze", "evaluate", "export", "units")
"""Those that choose a model or write results; the window applies the policy itself."""
DEFAULT_MODEL = "demo"


def keep_to_policy(arguments: argparse.Namespace) -> None:
    """Put in what the policy locks. Raises PolicyError where something else was asked for."""
    if arguments.command in COMMANDS:
        _apply(read_policy(), arguments)


def _apply(policy: Policy, arguments: argparse.Namespace) -> None:
    asked = "" if arguments.model == DEFAULT_MODEL else arguments.model
    arguments.model = policy.chosen_model(asked) or DEFAULT_MODEL
    arguments.device = policy.chosen_device(arguments.device)
    formats = getattr(arguments, "formats", "").split(",")
    policy.require_formats(tuple(name.strip() for name in formats if name.strip()))
