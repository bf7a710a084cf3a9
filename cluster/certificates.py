"""Makes the certificates of the Compose stack: one authority, one certificate each for PostgreSQL and the edge.

``python -m cluster.certificates`` writes into three folders, because each private key is for one service alone. The
authority's own key is thrown away: what it signed is renewed by making everything anew (``--anew``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from candlecast.clock import wall_s

VALID_DAYS = 825
RENEW_DAYS = 60
AUTHORITY = "ca.crt"

app = typer.Typer(add_completion=False)


@dataclass(frozen=True, slots=True)
class Signed:
    """A certificate and its private key, both as PEM."""

    certificate: bytes
    key: bytes


class Authority:
    """Signs certificates for as long as this object lives.

    Parameters
    ----------
    now : datetime
        When its certificates begin to be valid.
    """

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Candlecast")])
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        builder = self._builder(self._name, self._key).add_extension(usage, critical=True)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.certificate = builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def sign(self, names: Sequence[str]) -> Signed:
        """Return a server's certificate for host names and addresses, the first one its common name."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        builder = self._builder(subject, key)
        builder = builder.add_extension(x509.SubjectAlternativeName([_named(name) for name in names]), critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        return Signed(certificate.public_bytes(serialization.Encoding.PEM), _plain(key))

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            # clocks of containers and hosts may differ a little
            .not_valid_before(self._now - timedelta(hours=1))
            .not_valid_after(self._now + timedelta(days=VALID_DAYS))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )


def in_force(file: Path, *, now: datetime) -> bool:
    """Tell whether a certificate is there and stays valid for a while."""
    if not file.exists():
        return False
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    return now + timedelta(days=RENEW_DAYS) < certificate.not_valid_after_utc


@app.command()
def certificates(
    public: Annotated[Path, typer.Option(help="folder for the authority's certificate")] = Path("/tls"),
    postgres: Annotated[Path, typer.Option(help="folder for PostgreSQL's certificate and key")] = Path("/tls-postgres"),
    edge: Annotated[Path, typer.Option(help="folder for the edge's certificate and key")] = Path("/tls-edge"),
    names: Annotated[str, typer.Option(help="comma-separated: host names under which the API is reached")] = "",
    anew: Annotated[bool, typer.Option("--anew", help="even if those that are there are in force")] = False,
) -> None:
    """Make what is missing or runs out within 60 days; PostgreSQL and the edge read it when they start."""
    now = datetime.fromtimestamp(wall_s(), UTC)
    wanted = ["localhost", "127.0.0.1", "edge", *(name.strip() for name in names.split(",") if name.strip())]
    told = edge / "names"
    same = told.exists() and told.read_text() == ",".join(wanted)
    if same and not anew and in_force(public / AUTHORITY, now=now):
        typer.echo("candlecast: the certificates are in force")
        return
    authority = Authority(now)
    for_postgres, for_edge = authority.sign(["postgres"]), authority.sign(wanted)
    (postgres / "server.crt").write_bytes(for_postgres.certificate)
    (postgres / "server.key").write_bytes(for_postgres.key)
    (edge / "edge.pem").write_bytes(for_edge.certificate + for_edge.key)
    told.write_text(",".join(wanted))
    # last: it is what tells that all are there
    (public / AUTHORITY).write_bytes(authority.certificate)
    typer.echo(f"candlecast: certificates made for postgres and {', '.join(wanted)}, valid for {VALID_DAYS} days")


def _named(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _plain(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form)


if __name__ == "__main__":
    app()
