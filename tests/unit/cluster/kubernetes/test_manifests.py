"""Would Kubernetes and KubeRay take the manifests, and is what they name there?"""

import jsonschema
import kubernetes_validate
import yaml
from ray.serve.schema import ServeDeploySchema

from candlecast.settings import Settings
from tests.unit.cluster.kubernetes.conftest import FOLDER, ROOT, Overlay, build
from tests.unit.cluster.kubernetes.ray_kinds import RAY_SERVICE

SCALED = {"num_replicas", "max_replicas_per_node", "autoscaling_config"}


def deployments(config: dict) -> dict[str, dict]:
    [application] = config["applications"]
    return {one["name"]: one for one in application["deployments"]}


def test_core_kinds_are_as_kubernetes_wants_them(overlay: Overlay):
    for one in overlay.manifests:
        if one["kind"] != "RayService":
            kubernetes_validate.validate(one, "1.33", strict=True)


def test_ray_kinds_have_the_fields_of_kuberay_and_pods_those_of_kubernetes(overlay: Overlay):
    jsonschema.validate(overlay.of("RayService")["candlecast"], RAY_SERVICE)
    for name, _, spec in overlay.pods():
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
        kubernetes_validate.validate(pod, "1.33", strict=True)


def test_serve_part_is_what_ray_serve_takes(overlay: Overlay):
    config = ServeDeploySchema.model_validate(yaml.safe_load(overlay.ray["serveConfigV2"]))

    assert [application.import_path for application in config.applications] == ["serve.app:build_app"]
    assert (config.http_options.host, config.http_options.port) == ("0.0.0.0", 8000)


def test_serve_part_of_the_small_overlay_is_the_one_file_that_says_how_the_application_runs():
    wanted = yaml.safe_load((ROOT / "serve" / "config.yaml").read_text())
    wanted["http_options"] |= {"host": "0.0.0.0", "port": 8000}

    assert yaml.safe_load(build("small").ray["serveConfigV2"]) == wanted, "copy serve/config.yaml into base/ray.yaml"


def test_serve_part_of_the_desk_differs_in_how_many_replicas_there_are_and_in_nothing_else():
    small, desk = (yaml.safe_load(build(name).ray["serveConfigV2"]) for name in ("small", "desk"))
    ours, others = deployments(desk), deployments(small)

    for name, one in ours.items():
        assert {key for key in one if one[key] != others[name].get(key)} <= SCALED
        one.clear()
        others[name].clear()
    assert desk == small
    assert ours.keys() == others.keys()


def test_nodes_have_the_labels_that_deployments_ask_for(overlay: Overlay):
    groups = overlay.ray["rayClusterConfig"]["workerGroupSpecs"]
    roles = {group["labels"]["role"] for group in groups}
    asked = {
        one["ray_actor_options"]["label_selector"]["role"]
        for one in deployments(yaml.safe_load(overlay.ray["serveConfigV2"])).values()
    }

    assert roles == {"serve", "train"}
    assert asked == {"serve"}
    assert overlay.ray["rayClusterConfig"]["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"


def test_everything_that_a_pod_mounts_or_reads_is_there_or_made_by_the_script(overlay: Overlay):
    made = (FOLDER / "secrets.sh").read_text()
    for name, _, spec in overlay.pods():
        for volume in spec.get("volumes", []):
            if "persistentVolumeClaim" in volume:
                assert volume["persistentVolumeClaim"]["claimName"] in overlay.of("PersistentVolumeClaim"), name
            if "configMap" in volume:
                assert volume["configMap"]["name"] in overlay.of("ConfigMap"), name
            if "secret" in volume:
                assert f"secret {volume['secret']['secretName']} " in made, name
    for name, container, _ in overlay.containers():
        read = {source["configMapRef"]["name"] for source in container.get("envFrom", [])}
        assert read <= set(overlay.of("ConfigMap")), name


def test_settings_given_are_settings_that_exist(overlay: Overlay):
    known = {
        f"CANDLECAST_{group}__{field}".upper()
        for group, part in Settings.model_fields.items()
        for field in getattr(part.annotation, "model_fields", {})
    } | {f"CANDLECAST_{name}".upper() for name in Settings.model_fields}
    given = {name for one in overlay.of("ConfigMap").values() for name in one.get("data", {})}
    given |= {variable["name"] for _, one, _ in overlay.containers() for variable in one.get("env", [])}

    ours = {name for name in given if name.startswith("CANDLECAST_")}
    unknown = {name for name in ours if not {name, name.removesuffix("_FILE")} & known}
    assert unknown == set()


def test_nodes_run_with_the_variables_of_compose(overlay: Overlay):
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["ray-train"]["environment"]
    of_compose = {name: value for name, value in compose.items() if name.startswith("RAY_") and "$" not in value}
    of_the_operator = {"RAY_AUTH_MODE", "RAY_AUTH_TOKEN_PATH", "RAY_API_SERVER_ADDRESS"}
    [ours] = [one["data"] for name, one in overlay.of("ConfigMap").items() if name.startswith("ray-environment")]

    assert {name: ours.get(name) for name in of_compose.keys() - of_the_operator} == {
        name: of_compose[name] for name in of_compose.keys() - of_the_operator
    }


def test_files_shared_with_compose_are_the_same():
    for name in ("pg_hba.conf", "redis.sh"):
        assert (FOLDER / "stores" / name).read_text() == (ROOT / "cluster" / "compose" / name).read_text()
