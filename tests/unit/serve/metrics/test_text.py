from serve.metrics.text import join_pages

PAGE = '# HELP a_total What.\n# TYPE a_total counter\na_total{{pid="{0}"}} {0}.0\n'


def test_pages_of_two_processes_are_one_that_describes_each_figure_once():
    assert join_pages([PAGE.format(1), PAGE.format(2)]).splitlines() == [
        "# HELP a_total What.",
        "# TYPE a_total counter",
        'a_total{pid="1"} 1.0',
        'a_total{pid="2"} 2.0',
    ]


def test_figures_whose_names_are_not_wanted_are_left_out_with_their_samples():
    assert join_pages([PAGE.format(1)], wanted=("b_",)) == ""
