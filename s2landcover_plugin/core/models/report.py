# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything that a model file says about itself, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..accuracy.checksum import sha256
from ..errors import ContractError, ModelError
from ..progress import Progress
from .contract import ModelContract
from .contract_source import EMBEDDED, find_contract, sidecar_path
from .external_weights import weight_problems
from .graph_checks import mismatches
from .onnx_graph import OnnxGraph, read_graph
from .trial import trial_run

_UNSTATED = ("", "not stated", "unknown")


@dataclass(frozen=True)
class ModelReport:
    """What is known of a model file.

    Attributes:
        path: the file.
        size: bytes; 0 if it cannot be read.
        sha256: its checksum; None if it cannot be read.
        graph: the outline of its graph; None if it is no ONNX file.
        contract: what it says about itself; None if that is missing or broken.
        origin: where the contract was; empty without one.
        problems: what keeps it from being used, a sentence each.
        doubts: what is worth knowing before it is used, a sentence each.
    """

    path: Path
    size: int
    sha256: str | None
    graph: OnnxGraph | None
    contract: ModelContract | None
    origin: str
    problems: tuple[str, ...]
    doubts: tuple[str, ...]

    @property
    def is_valid(self) -> bool:
        """Whether nothing keeps the model from being used."""
        return not self.problems

    @property
    def parameters(self) -> int:
        """How many parameters it has: by its contract, else the numbers in its graph's weights."""
        stated = self.contract.parameters if self.contract else None
        return stated if stated is not None else self.graph.parameters if self.graph else 0

    @property
    def name(self) -> str:
        """What the model is called: by its contract, else by its file."""
        return self.contract.name if self.contract else self.path.stem


def examine(path: Path, progress: Progress) -> ModelReport:
    """Look at a model file from all sides; needs no onnxruntime, but tries the model out where it is there.

    Args:
        path: the file; a broken one is described, too.
        progress: is asked whether to stop.

    Raises:
        ModelError: if there is no such file.
        Cancelled: if the user asks to stop.
    """
    if not path.is_file():
        raise ModelError(f"There is no model file {path}.")
    problems: list[str] = []
    doubts: list[str] = []
    graph = _graph(path, problems)
    contract, origin = _contract(path, problems) if graph else (None, "")
    if graph:
        problems += weight_problems(path, graph)
        problems += _foreign_operators(graph)
    if graph and contract:
        problems += [f"The model does not fit its contract: {problem}." for problem in mismatches(graph, contract)]
        doubts += _doubts(path, graph, contract, origin)
        if not problems:
            problem, doubt = trial_run(path, progress)
            problems += filter(None, [problem])
            doubts += filter(None, [doubt])
    size, digest = path.stat().st_size, sha256(str(path), progress)
    return ModelReport(path, size, digest, graph, contract, origin, tuple(problems), tuple(doubts))


def _graph(path: Path, problems: list[str]) -> OnnxGraph | None:
    try:
        return read_graph(path)
    except ModelError as error:
        problems.append(str(error))
        return None


def _contract(path: Path, problems: list[str]) -> tuple[ModelContract | None, str]:
    try:
        found = find_contract(path)
    except ContractError as error:
        problems += error.problems
    except ModelError as error:
        problems.append(str(error))
    else:
        return found.contract, found.origin
    return None, ""


def _foreign_operators(graph: OnnxGraph) -> list[str]:
    return [
        f"The model uses operators of '{name}', which need a program library of their own; none is ever loaded."
        for name in graph.missing_sets
    ]


def _doubts(path: Path, graph: OnnxGraph, contract: ModelContract, origin: str) -> Iterator[str]:
    if origin == EMBEDDED and sidecar_path(path).is_file():
        yield f"{sidecar_path(path).name} lies next to the model and is ignored: the model says by itself what it is."
    if contract.license.strip().lower() in _UNSTATED:
        yield "Nothing says under which licence the model may be used; ask who made it."
    if contract.attribution.strip().lower() in _UNSTATED:
        yield "Nothing says whom to credit for maps made with it."
    if not contract.provenance:
        yield "Nothing says what it was trained on and how well it does; assess its maps before you rely on them."
    if contract.activation == "logits" and graph.last_operator in ("Softmax", "Sigmoid"):
        yield (
            f"Its graph ends in {graph.last_operator}, and its contract says 'logits': confidences would come out too "
            "low."
        )
    if contract.activation == "softmax" and graph.last_operator not in ("Softmax", "Sigmoid", "Clip", "Div", ""):
        yield f"Its contract promises probabilities, and its graph ends in {graph.last_operator}."
