from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from candlecast.telemetry.pages import process_labels, process_page


def test_page_names_the_process_on_every_sample():
    registry = CollectorRegistry()
    Counter("done", "What.", ["kind"], registry=registry).labels("a").inc(2)

    lines = process_page([registry], {"program": "api", "pid": "7"}).splitlines()

    assert lines == ["# HELP done_total What.", "# TYPE done_total counter", lines[2]]
    assert lines[2] == 'done_total{kind="a",pid="7",program="api"} 2.0'


def test_page_leaves_out_what_was_never_counted_but_keeps_a_gauge_at_zero():
    registry = CollectorRegistry()
    Counter("never", "What.", registry=registry)
    Histogram("unseen", "What.", registry=registry)
    Gauge("waiting", "What.", registry=registry)

    assert [line for line in process_page([registry], {}).splitlines() if line[0] != "#"] == ["waiting 0.0"]


def test_labels_of_this_process_tell_it_from_others_of_its_program():
    assert set(process_labels("api")) == {"program", "host", "pid"}
