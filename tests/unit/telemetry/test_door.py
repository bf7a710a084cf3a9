import httpx2

from candlecast.telemetry.door import open_metrics_door
from tests.loopback import free_port


def test_door_tells_the_cpu_of_its_process():
    port = free_port()

    open_metrics_door(program="page", host="127.0.0.1", port=port)

    page = httpx2.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    assert any(line.startswith("process_cpu_seconds_total{") and 'program="page"' in line for line in page.splitlines())
