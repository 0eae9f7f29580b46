"""In place of the KFP SDK's `kfp.compiler._data_passing_using_volume`: one import, or one command, replaces it.

`python -m retouch.compat.kfp --input IN --output OUT --volume YAML` replaces its command line.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..error import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..loader import Rules

__all__ = ["PARAMETERS", "UnsupportedError", "rewrite_data_passing_to_use_volumes"]

RULE_SET = "argo/artifacts-to-volume"
PARAMETERS: Mapping[str, Any] = {
    "addVolume": "always",
    "external": "error",
    "keepArtifacts": ["mlpipeline-ui-metadata", "mlpipeline-metrics"],
    "layout": "directory",
    "mode": "ignore",
}
"""The parameters with which the rule set does what the KFP SDK 1.8 did."""

_KIND = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow"}


class UnsupportedError(RefusedError, NotImplementedError):
    """A workflow that cannot be converted; `messages` hold every reason. It is a NotImplementedError, as KFP's was."""


def rewrite_data_passing_to_use_volumes(
    workflow: dict[str, Any], volume: dict[str, Any], path_prefix: str = "artifact_data/"
) -> dict[str, Any]:
    """A copy of an Argo workflow whose steps pass their data on one volume instead of through artifacts.

    `workflow` is the manifest as plain data, `volume` a volume as in `spec.volumes` (its name does not matter),
    `path_prefix` the directory of the volume below which all data goes, ending in a slash. None of them is changed.
    As in the KFP SDK, a manifest without a kind is a Workflow, and the volume is added even if nothing needs it.

    Raises `UnsupportedError` for what cannot be converted, `UsageError` for a volume or a prefix that cannot be used,
    `InputError` for data that JSON cannot hold. What should be known of the result is told by `warnings.warn`.
    Cost is linear in the workflow.
    """
    from ..plain_rewriter import rewrite_data

    added = _KIND if "kind" not in workflow and "apiVersion" not in workflow else {}
    try:
        result, notes = rewrite_data({**workflow, **added}, _load(json.dumps(volume), path_prefix))
    except RefusedError as error:
        raise UnsupportedError.of(error.messages) from None
    for note in notes:
        warnings.warn(note.text, stacklevel=2)
    assert isinstance(result, dict)
    return {key: value for key, value in result.items() if key not in added}


@lru_cache(maxsize=8)
def _load(volume: str, path_prefix: str) -> Rules:
    from ..loader import load

    return load(RULE_SET, params={**PARAMETERS, "volume": json.loads(volume), "pathPrefix": path_prefix})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments` (default: those of the process); 0 if the output was written, else 2."""
    from ..cli.command import main as run

    parser = argparse.ArgumentParser(
        prog="python -m retouch.compat.kfp",
        description="Rewrite an Argo workflow so that its steps pass their data on one volume instead of through "
        "artifacts; every other byte of the manifest stays.",
        epilog='example: --input in.yaml --output out.yaml --volume "persistentVolumeClaim: {claimName: my-pvc}"',
    )
    parser.add_argument("--input", required=True, metavar="FILE", help="the workflow; - is standard input")
    parser.add_argument("--output", required=True, metavar="FILE", help="where the result goes; - is standard output")
    parser.add_argument("--volume", required=True, metavar="YAML", help="the volume, as in spec.volumes")
    options = parser.parse_args(arguments)
    given = {name: json.dumps(value) for name, value in PARAMETERS.items()} | {"volume": options.volume}
    target = (
        ["-i"] if options.input == options.output != "-" else [] if options.output == "-" else ["-o", options.output]
    )
    parameters = [part for name, value in given.items() for part in ("-p", f"{name}={value}")]
    return run(["apply", "-r", RULE_SET, *parameters, *target, "--", options.input])


if __name__ == "__main__":
    sys.exit(main())
