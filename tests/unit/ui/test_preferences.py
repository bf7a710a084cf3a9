import json

import pytest

from ui.preferences import PALETTES, Preferences

SESSION = "A" * 30 + "-_"


def test_preferences_survive_the_way_through_json():
    chosen = Preferences().with_(
        watchlist=("ETH/USDT", "AAPL"), time_zone="Europe/Zurich", colours="blue-orange", theme="light", refresh_s=60
    )

    assert Preferences.read(json.loads(json.dumps(chosen.as_dict()))) == chosen
    assert chosen.watchlist == ("ETH/USDT", "AAPL")


@pytest.mark.parametrize("kept", [None, 7, "text", [], {"unknown": 1}])
def test_nothing_usable_is_the_default(kept):
    assert Preferences.read(kept, default=Preferences(refresh_s=77)) == Preferences(refresh_s=77)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "<script>"),
        ("colours", "plaid"),
        ("time_zone", "Mars/Olympus"),
        ("refresh_s", 9),
        ("refresh_s", 3_601),
        ("refresh_s", True),
        ("refresh_s", "60"),
        ("watchlist", "BTC/USDT"),
        ("watchlist", ["x" * 41]),
        ("watchlist", ["x"] * 201),
        ("session", "short"),
        ("session", "../" * 10),
        ("revision", -1),
    ],
)
def test_field_that_makes_no_sense_is_left_as_it_was(name, value):
    assert (
        Preferences.read({name: value, "theme": "dark" if name != "theme" else value}).as_dict()[name]
        == (Preferences().as_dict()[name])
    )


def test_session_is_what_the_api_takes():
    assert Preferences.read({"session": SESSION}).session == SESSION


def test_look_gives_the_script_its_colours_for_day_and_night():
    look = Preferences(colours="blue-orange", time_zone="").look()

    assert look["colours"]["up"] == PALETTES["blue-orange"].up
    assert look["colours"]["downLight"] == PALETTES["blue-orange"].down_light
    assert look["timeZone"] == ""
    assert look["refreshS"] == 300
