from candlecast.settings import Settings
from candlecast.telemetry.pages import process_page
from candlecast.telemetry.publishing import collectors_of


def test_process_tells_of_the_disks_of_its_models_and_logs(tmp_path):
    settings = Settings(models={"folder": tmp_path / "models"}, logs={"folder": tmp_path}, _env_file=None)

    page = process_page(collectors_of(settings), {"program": "api"})

    assert f'candlecast_disk_free_bytes{{folder="{tmp_path}",program="api"}}' in page
    assert "process_cpu_seconds_total" in page
