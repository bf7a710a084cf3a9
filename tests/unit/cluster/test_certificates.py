"""Do clients that check everything believe the certificates, and are they renewed when they must be?"""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from cluster.certificates import RENEW_DAYS, VALID_DAYS, app, in_force


@pytest.fixture
def folders(tmp_path):
    found = {name: tmp_path / name for name in ("public", "postgres", "edge")}
    for folder in found.values():
        folder.mkdir()
    return found


def make(folders, *more):
    answer = CliRunner().invoke(app, [*(f"--{name}={folder}" for name, folder in folders.items()), *more])
    assert answer.exit_code == 0, answer.output
    return answer.output


def handshake(*, certificate, key, authority, host):
    """Let a server and a client that verifies talk in memory."""
    serving, asking = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=authority)
    asking.verify_flags |= ssl.VERIFY_X509_STRICT
    serving.load_cert_chain(certificate, key)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = asking.wrap_bio(to_client, to_server, server_hostname=host)
    server = serving.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return client.version()


def test_database_is_believed_under_its_name(folders):
    make(folders)

    spoken = handshake(
        certificate=folders["postgres"] / "server.crt",
        key=folders["postgres"] / "server.key",
        authority=folders["public"] / "ca.crt",
        host="postgres",
    )

    assert spoken == "TLSv1.3"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "edge", "api.example", "10.1.2.3"])
def test_edge_is_believed_under_each_of_its_names(folders, host):
    make(folders, "--names=api.example, 10.1.2.3")

    assert handshake(
        certificate=folders["edge"] / "edge.pem", key=None, authority=folders["public"] / "ca.crt", host=host
    )


def test_edge_under_another_name_is_not_believed(folders):
    make(folders)

    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(
            certificate=folders["edge"] / "edge.pem",
            key=None,
            authority=folders["public"] / "ca.crt",
            host="elsewhere.example",
        )


def test_certificates_in_force_are_kept_and_made_anew_on_demand_or_for_other_names(folders):
    make(folders)
    first = (folders["public"] / "ca.crt").read_bytes()

    assert "in force" in make(folders)
    assert (folders["public"] / "ca.crt").read_bytes() == first
    make(folders, "--anew")
    second = (folders["public"] / "ca.crt").read_bytes()
    make(folders, "--names=api.example")
    assert len({first, second, (folders["public"] / "ca.crt").read_bytes()}) == 3


def test_certificates_that_run_out_soon_are_no_longer_in_force(folders):
    make(folders)
    now = datetime.now(UTC)

    assert in_force(folders["public"] / "ca.crt", now=now)
    assert not in_force(folders["public"] / "ca.crt", now=now + timedelta(days=VALID_DAYS - RENEW_DAYS + 1))
    assert not in_force(folders["edge"] / "none", now=now)


def test_private_key_of_the_authority_is_kept_nowhere(folders):
    make(folders)

    written = {file.name for folder in folders.values() for file in folder.iterdir()}
    assert written == {"ca.crt", "server.crt", "server.key", "edge.pem", "names"}
    assert b"PRIVATE" not in (folders["public"] / "ca.crt").read_bytes()
