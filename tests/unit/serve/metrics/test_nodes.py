from prometheus_client.parser import text_string_to_metric_families

from serve.metrics.nodes import nodes_text

HEAD = "# HELP ray_serve_num_http_requests_total Requests.\n# TYPE ray_serve_num_http_requests_total counter\n"
OTHER = "# HELP ray_tasks Tasks.\n# TYPE ray_tasks gauge\nray_tasks 3.0\n"


def sample(node: str, value: float) -> str:
    return f'ray_serve_num_http_requests_total{{NodeAddress="{node}",route="/v1",otel_scope_version=""}} {value}\n'


def test_figures_of_all_nodes_are_one_page_without_those_of_rays_own_workings():
    text = nodes_text({"a:1": OTHER + HEAD + sample("a", 3), "b:1": HEAD + sample("b", 4) + OTHER})

    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert set(families) == {"candlecast_node_up", "ray_serve_num_http_requests"}
    assert [one.value for one in families["ray_serve_num_http_requests"].samples] == [3.0, 4.0]
    assert text.count("# TYPE ray_serve_num_http_requests_total") == 1


def test_labels_that_are_the_same_on_every_sample_are_dropped():
    told = sample("a", 3).replace('route="/v1"', 'SessionName="session_1",Version="2.60.0",route="/v1"')

    assert 'total{NodeAddress="a",route="/v1"} 3' in nodes_text({"a:1": HEAD + told})


def test_node_that_does_not_answer_is_said_to_be_down():
    lines = nodes_text({"a:1": HEAD + sample("a", 3), "b:1": None}).splitlines()

    assert 'candlecast_node_up{node="a:1"} 1.0' in lines
    assert 'candlecast_node_up{node="b:1"} 0.0' in lines
