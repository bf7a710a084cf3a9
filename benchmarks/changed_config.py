"""The product's configuration of Serve, changed: more replicas, other limits."""

import copy
from collections.abc import Mapping
from typing import Any

import yaml

from cluster.submit import SERVE_CONFIG


def changed_config(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the product's configuration with `changes` of its ingress and forecaster."""
    config = copy.deepcopy(yaml.safe_load(SERVE_CONFIG.read_text()))
    for deployment in config["applications"][0]["deployments"]:
        if deployment["name"] != "SentimentDeployment":
            deployment |= changes
    return dict(config)
