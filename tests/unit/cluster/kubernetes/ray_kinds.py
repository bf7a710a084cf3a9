"""The fields of Ray's kinds that the manifests use, as KubeRay 1.6 names them; any other one is a slip."""

from typing import Any


def closed(required: list[str], **fields: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object that has these fields and no others."""
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}


TEXT = {"type": "string"}
TEXTS = {"type": "object", "additionalProperties": TEXT}
COUNT = {"type": "integer", "minimum": 0}
FLAG = {"type": "boolean"}
# checked as a pod, by Kubernetes' own schema
POD = closed(["spec"], metadata={"type": "object"}, spec={"type": "object"})

REDIS_CREDENTIAL = closed(
    ["valueFrom"], valueFrom=closed(["secretKeyRef"], secretKeyRef=closed(["name", "key"], name=TEXT, key=TEXT))
)
AUTOSCALER = closed(
    ["version"],
    version={"enum": ["v1", "v2"]},
    idleTimeoutSeconds=COUNT,
    resources={"type": "object"},
    securityContext={"type": "object"},
)
HEAD = closed(["rayStartParams", "template"], rayStartParams=TEXTS, template=POD)
WORKERS = closed(
    ["groupName", "minReplicas", "maxReplicas", "rayStartParams", "template"],
    groupName=TEXT,
    labels=TEXTS,
    replicas=COUNT,
    minReplicas=COUNT,
    maxReplicas=COUNT,
    rayStartParams=TEXTS,
    template=POD,
)
CLUSTER = closed(
    ["rayVersion", "authOptions", "gcsFaultToleranceOptions", "headGroupSpec", "workerGroupSpecs"],
    rayVersion=TEXT,
    authOptions=closed(["mode", "secretName"], mode={"const": "token"}, secretName=TEXT),
    gcsFaultToleranceOptions=closed(
        ["redisAddress", "redisPassword"], redisAddress=TEXT, redisPassword=REDIS_CREDENTIAL
    ),
    enableInTreeAutoscaling=FLAG,
    autoscalerOptions=AUTOSCALER,
    headGroupSpec=HEAD,
    workerGroupSpecs={"type": "array", "items": WORKERS},
)
RAY_SERVICE = closed(
    ["apiVersion", "kind", "metadata", "spec"],
    apiVersion={"const": "ray.io/v1"},
    kind={"const": "RayService"},
    metadata={"type": "object"},
    spec=closed(
        ["serveConfigV2", "rayClusterConfig"],
        serveConfigV2=TEXT,
        rayClusterConfig=CLUSTER,
        rayClusterDeletionDelaySeconds=COUNT,
        excludeHeadPodFromServeSvc=FLAG,
        upgradeStrategy=closed(["type"], type={"enum": ["NewCluster", "NewClusterWithIncrementalUpgrade", "None"]}),
    ),
)
