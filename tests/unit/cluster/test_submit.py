"""Is a cluster that does not answer named in one line?"""

import pytest
from ray.exceptions import AuthenticationError

from candlecast.errors import StackError
from candlecast.settings import ClusterSettings
from cluster.submit import ClusterClient
from cluster.supervise import keep_running
from tests.loopback import free_port


@pytest.fixture
def nobody() -> ClusterClient:
    return ClusterClient(ClusterSettings(jobs_url=f"http://127.0.0.1:{free_port()}"))


def test_cluster_that_wants_a_token_says_where_to_get_it(nobody, monkeypatch):
    def refuse(*_, **__):
        raise AuthenticationError("Authentication required\nmore")

    monkeypatch.setattr("cluster.submit.JobSubmissionClient", refuse)

    with pytest.raises(StackError, match=r'wants its token; run eval "\$\(candlecast env\)" first$'):
        nobody.submit("true")


@pytest.mark.parametrize(
    "call",
    [
        lambda cluster: cluster.submit("true"),
        lambda cluster: cluster.status("job"),
        lambda cluster: cluster.running("ingest-"),
        lambda cluster: cluster.deployed(),
        lambda cluster: cluster.wait_until_up(timeout_s=0.1),
        lambda cluster: keep_running(cluster, "true", name="ingest"),
    ],
)
def test_cluster_that_does_not_answer_is_named_in_one_line(nobody, call):
    with pytest.raises(StackError, match=r"http://127\.0\.0\.1:\d+") as failed:
        call(nobody)

    assert "\n" not in str(failed.value)
