# SPDX-License-Identifier: GPL-2.0-or-later
"""The augmentation that a configuration of `fit` asks for, read without the rest of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from jsonargparse import ArgumentError, ArgumentParser

from s2landcover_plugin.core.errors import InputError

from ..configuration import DEFAULT_CONFIG, as_arguments
from .options import AugmentationOptions

_KEY = "data.augmentation"


def read_augmentation(config: Path | None, arguments: Sequence[str]) -> AugmentationOptions:
    """Return the options that `fit` would use.

    Args:
        config: YAML file that says more than the package's own, which is read first.
        arguments: options of the command line, such as `--data.augmentation.haze 0.1`; they go before files.

    Raises:
        InputError: if a file cannot be read, switches the augmentation off, or an option is not known or out of range.
    """
    sections = [_section(path) for path in (DEFAULT_CONFIG, config) if path is not None]
    given = [
        part for section in sections for part in as_arguments({f"{_KEY}.{name}": section[name] for name in section})
    ]
    parser = ArgumentParser(exit_on_error=False)
    parser.add_class_arguments(AugmentationOptions, _KEY)
    try:
        found = parser.parse_args([*given, *arguments])
    except ArgumentError as error:
        raise InputError(f"The options of the augmentation cannot be used: {error}") from error
    return AugmentationOptions(**vars(found.data.augmentation))


def _section(path: Path) -> dict[str, Any]:
    """Return what a file says of the augmentation; empty if nothing."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        section = ((document or {}).get("data") or {}).get("augmentation", {})
    except (OSError, UnicodeDecodeError, yaml.YAMLError, AttributeError) as error:
        raise InputError(f"{path} cannot be read as a configuration of 'fit' ({error}).") from error
    if not isinstance(section, dict):
        raise InputError(f"{path} switches the augmentation off: there is nothing to show.")
    return section
