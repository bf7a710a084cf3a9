import re

from candlecast.settings import Settings
from ui.first.answer import first_routes
from ui.first.frame import first_frame
from ui.site import PAGES, make_site

FRAME = first_frame(PAGES[0])
IDS = re.findall(r' id="([^"]+)"', FRAME)


def test_frame_names_every_element_once():
    assert len(IDS) == len(set(IDS))
    assert {"cc-top", "cc-banner", "cc-watchlist", "cc-chart", "cc-forecast", "cc-record", "cc-foot"} <= set(IDS)


def test_every_part_of_the_frame_says_which_part_of_the_page_it_stands_for():
    mounts = dict(re.findall(r'data-part="([a-z]+)" data-mount="([^"]+)"', FRAME)[::-1])

    assert set(mounts) == {"header", "html", "panel", "chart"}
    assert set(re.findall(r'data-mount="([^"]+)"', FRAME)) <= set(IDS)


def test_page_with_a_first_view_has_a_route_that_fills_it():
    paths = {route.path for route in first_routes(make_site(Settings())).routes}

    assert paths == {f"/first/{spec.name}" for spec in PAGES if spec.first}
