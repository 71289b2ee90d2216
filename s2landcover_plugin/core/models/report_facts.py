# SPDX-License-Identifier: GPL-2.0-or-later
"""What a report on a model tells, in words, for the log and for the page alike."""

from __future__ import annotations

from ..pages.text import UNDEFINED, count
from .contract import ModelContract
from .normalisation import Step
from .onnx_graph import OnnxGraph
from .provenance import Facts, as_text
from .report import ModelReport

_ACTIVATIONS = {
    "softmax": "probabilities that add up to 1",
    "sigmoid": "a probability of its own for each class",
    "logits": "unnormalised scores, turned into probabilities here",
}
_OPERATORS = 12  # the most frequent ones are listed


def facts(report: ModelReport) -> tuple[Facts, ...]:
    """Return everything but classes and provenance, in the order of interest."""
    parts = [_identity(report.contract), _input(report.contract), _output(report.contract)] if report.contract else []
    if report.graph:
        parts.append(_graph(report.graph))
    return (*parts, _file(report))


def _identity(contract: ModelContract) -> Facts:
    rows = [
        ("Version", contract.version),
        ("Licence", contract.license),
        ("Credit", contract.attribution),
        ("Architecture", contract.architecture or UNDEFINED),
    ]
    if contract.parameters is not None:
        rows.append(("Trainable parameters", as_text(contract.parameters)))
    return Facts("Model", tuple(rows))


def _input(contract: ModelContract) -> Facts:
    bands = f"the raster's first {len(contract.bands)}" if contract.is_positional else " ".join(contract.bands)
    numbers = "reflectance" if contract.values == "reflectance" else "numbers as they are stored"
    times = "" if contract.input_scale == 1 else f" x {contract.input_scale:g}"
    steps = ", then ".join(map(_step, contract.normalisation)) or "inside the graph, if any"
    return Facts(
        "What goes in",
        (
            ("Bands", bands),
            ("Numbers", numbers + times),
            ("Normalisation", steps),
            ("Pixel size", f"{contract.gsd:g} m"),
            ("Product levels", " and ".join(contract.levels) if not contract.is_positional else UNDEFINED),
            ("Layout", contract.layout),
            ("Window", f"multiples of {contract.size_multiple} pixels, trained on {contract.tile_size}"),
            ("Context", f"{contract.context} pixels around each"),
        ),
    )


def _step(step: Step) -> str:
    numbers = [
        f"{name} {values[0]:.4g}" if len(values) == 1 else f"{name} by band" for name, values in step.numbers.items()
    ]
    return f"{step.type} ({', '.join(numbers)})" if numbers else step.type


def _output(contract: ModelContract) -> Facts:
    rows = [("Classes", str(len(contract.legend))), ("Numbers", _ACTIVATIONS[contract.activation])]
    if contract.threshold != 0.5:
        rows.append(("Threshold", f"{contract.threshold:g}"))
    return Facts("What comes out", tuple(rows))


def _graph(graph: OnnxGraph) -> Facts:
    frequent = sorted(graph.operators.items(), key=lambda item: -item[1])
    listed = ", ".join(f"{name} ({times})" for name, times in frequent[:_OPERATORS])
    more = f" and {len(frequent) - _OPERATORS} others" if len(frequent) > _OPERATORS else ""
    return Facts(
        "Graph",
        (
            ("Inputs", "; ".join(map(str, graph.inputs)) or UNDEFINED),
            ("Outputs", "; ".join(map(str, graph.outputs)) or UNDEFINED),
            ("Numbers in weights", count(graph.parameters)),
            ("Operators", listed + more or UNDEFINED),
            ("Operator sets", ", ".join(f"{name} {version}" for name, version in graph.opsets.items()) or UNDEFINED),
            ("File format", f"ONNX IR {graph.ir_version}"),
            ("Written by", graph.producer or UNDEFINED),
            ("Weights elsewhere", ", ".join(graph.external) or "none"),
        ),
    )


def _file(report: ModelReport) -> Facts:
    return Facts(
        "File",
        (
            ("Path", str(report.path)),
            ("Size", f"{count(report.size)} bytes"),
            ("SHA-256", report.sha256 or UNDEFINED),
            ("Contract found in", report.origin or UNDEFINED),
        ),
    )
