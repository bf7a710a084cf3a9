import asyncio

from serve.metrics import page
from serve.metrics.page import MetricsPage


def test_page_is_made_once_for_all_who_ask_within_its_life(monkeypatch):
    made = []

    async def make(reading):
        made.append(reading)
        return f"page {len(made)}"

    monkeypatch.setattr(page, "_made", make)

    async def ask() -> list[str]:
        kept = MetricsPage(life_s=60.0)
        return await asyncio.gather(*(kept.text("reading") for _ in range(3)))

    assert asyncio.run(ask()) == ["page 1"] * 3
    assert len(made) == 1
