import pytest

from ui.shell import reading_script


@pytest.mark.parametrize(
    ("n_inputs", "read", "script"),
    [
        (0, (), "(query, kept) => [window.location.search, kept]"),
        (2, (None, "held()"), "(query, kept, x0, x1) => [window.location.search, kept, x0, held()]"),
        (2, ("held()",), "(query, kept, x0, x1) => [window.location.search, kept, held(), x1]"),
    ],
)
def test_reading_script_puts_expressions_where_inputs_stand(n_inputs, read, script):
    assert reading_script(n_inputs, read) == script
