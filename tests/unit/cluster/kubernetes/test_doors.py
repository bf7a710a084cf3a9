"""Is nothing open that need not be: no secret in a manifest, no rights in a container, no way between pods unsaid?"""

import re

from tests.unit.cluster.kubernetes.conftest import Manifest, Overlay

SECRET = re.compile("PASSWORD|TOKEN|KEY|SECRET")
UNGUARDED = {6379, 10001, 8265, 52365}


def chosen(selector: Manifest, labels: dict[str, str]) -> bool:
    return selector.get("matchLabels", {}).items() <= labels.items()


def who_may_reach(overlay: Overlay, labels: dict[str, str], port: int) -> list[Manifest | None]:
    """Return whom the policies let in to a pod on a port; None stands for everybody."""
    found: list[Manifest | None] = []
    for policy in overlay.of("NetworkPolicy").values():
        if not chosen(policy["spec"]["podSelector"], labels):
            continue
        for rule in policy["spec"].get("ingress", []):
            if "ports" not in rule or port in {one["port"] for one in rule["ports"]}:
                found += rule.get("from", [None])
    return found


def test_no_manifest_holds_a_secret(overlay: Overlay):
    assert overlay.of("Secret") == {}
    given = {name: value for one in overlay.of("ConfigMap").values() for name, value in one["data"].items()}
    for _, container, _ in overlay.containers():
        given |= {one["name"]: one.get("value", "") for one in container.get("env", [])}

    named = {name: value for name, value in given.items() if SECRET.search(name)}
    assert {value[:5] for name, value in named.items() if name not in {"CANDLECAST_API__RATE_LIMIT"}} == {"/run/"}
    assert [value for value in given.values() if re.search("//[^/@:]+:[^/@]+@", value)] == []


def test_every_container_is_without_rights_and_within_limits(overlay: Overlay):
    for name, container, pod in overlay.containers():
        context = pod["securityContext"] | container["securityContext"]
        assert context["runAsNonRoot"], name
        assert context["runAsUser"] > 0, name
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert context["readOnlyRootFilesystem"], name
        assert not context["allowPrivilegeEscalation"], name
        assert context["capabilities"] == {"drop": ["ALL"]}, name
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys(), name
        assert "memory" in container["resources"]["limits"], name
        assert re.search(r":(?!latest)[\w.-]+$", container["image"]), name


def test_only_the_head_whose_autoscaler_needs_it_gets_a_token_of_kubernetes(overlay: Overlay):
    mounting = [name for name, _, pod in overlay.pods() if pod["automountServiceAccountToken"]]

    assert mounting == ["head"]


def test_who_runs_for_long_says_whether_it_is_well(overlay: Overlay):
    silent = [
        name
        for name, container, pod in overlay.containers()
        if pod.get("restartPolicy", "Always") == "Always"
        and not {"livenessProbe", "readinessProbe"} & container.keys()
        and container not in pod.get("initContainers", [])
    ]

    # they end by themselves when they are not well
    assert silent == ["ingest/ingest", "scheduler/scheduler"]


def test_nothing_is_let_in_or_out_unless_a_policy_says_so(overlay: Overlay):
    nothing = overlay.of("NetworkPolicy")["nothing"]["spec"]

    assert nothing == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_outside_reaches_the_edge_and_the_page_alone(overlay: Overlay):
    ports = range(1, 65_536)
    for name, labels, _ in overlay.pods():
        policies = [one for one in overlay.of("NetworkPolicy").values() if chosen(one["spec"]["podSelector"], labels)]
        asked = {
            port["port"]
            for one in policies
            for rule in one["spec"].get("ingress", [])
            for port in rule.get("ports", [])
        }
        opened = {port for port in asked if None in who_may_reach(overlay, labels, port)}
        assert opened == {"edge": {8443}, "ui": {7860}}.get(name, set()), name
        assert opened <= set(ports)


def test_ports_of_ray_that_ask_for_no_token_are_for_its_nodes_and_their_operator(overlay: Overlay):
    node = {"ray.io/is-ray-node": "yes"}
    for port in UNGUARDED:
        for peer in who_may_reach(overlay, node, port):
            assert peer is not None
            labels = peer.get("podSelector", {}).get("matchLabels", {})
            operator = peer.get("namespaceSelector", {}).get("matchLabels", {}).values()
            submits = port == 8265 and labels == {"candlecast/jobs": "yes"}
            assert labels == node or submits or "kuberay-system" in operator, port


def test_stores_in_the_cluster_are_reached_by_those_who_need_them(overlay: Overlay):
    for port in (5432, 6379):
        peers = who_may_reach(overlay, {"candlecast/store": "yes"}, port)
        labels = [peer["podSelector"]["matchLabels"] for peer in peers if peer is not None]
        assert len(labels) == len(peers)
        if overlay.name == "small":
            assert labels == [{"ray.io/is-ray-node": "yes"}, {"candlecast/database": "yes"}]
        else:
            assert labels == []
