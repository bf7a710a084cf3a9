import pytest
from fastapi import Request, Response

from serve.api.caching import cached_until


def answer(body: bytes = b"{}", *, tags: str = "", max_age_s: float = 60.0) -> Response:
    request = Request({"type": "http", "headers": [(b"if-none-match", tags.encode())]})
    return cached_until(request, Response(body, media_type="application/json"), max_age_s=max_age_s)


@pytest.mark.parametrize(
    ("max_age_s", "says"),
    [
        (59.9, "private, max-age=59"),
        (0.4, "private, no-cache"),
        (-1.0, "private, no-cache"),
        (float("inf"), "private, max-age=86400"),
    ],
)
def test_answer_says_for_how_long_it_holds(max_age_s, says):
    assert answer(max_age_s=max_age_s).headers["cache-control"] == says


def test_tag_is_that_of_the_body():
    assert answer(b"a").headers["etag"] == answer(b"a").headers["etag"] != answer(b"b").headers["etag"]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
def test_same_body_is_a_304_without_one(form):
    tag = answer().headers["etag"]

    same = answer(tags=form.format(tag))

    assert (same.status_code, same.body, same.headers["etag"]) == (304, b"", tag)
    assert "content-type" not in same.headers


def test_other_tag_is_answered_in_full():
    assert answer(tags='"x"').status_code == 200
