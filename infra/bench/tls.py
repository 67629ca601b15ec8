"""The same stub behind TLS, so that a start is measured with what a start on AWS costs: reading the CA certificates of
the system and one handshake a service. Certificates are made by the openssl command, for as long as the run lasts.
"""

import pathlib
import shutil
import socket
import ssl
import subprocess
import threading

from wire import Connection

# Where Amazon Linux 2023 and Fedora, and where Debian keep it.
SYSTEM_BUNDLES = [pathlib.Path("/etc/pki/tls/certs/ca-bundle.crt"), pathlib.Path("/etc/ssl/certs/ca-certificates.crt")]
NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]


class Certificates:
    """A certificate for 127.0.0.1, and the system's CA bundle with its issuer added."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        issuer, issuer_key = folder / "issuer.pem", folder / "issuer.key"
        self.certificate, self.key, self.bundle = folder / "server.pem", folder / "server.key", folder / "bundle.pem"
        openssl("req", "-x509", *NEW_KEY, "-keyout", issuer_key, "-out", issuer, "-subj", "/CN=bench issuer")
        request = folder / "server.csr"
        openssl("req", *NEW_KEY[:-2], "-keyout", self.key, "-out", request, "-subj", "/CN=127.0.0.1")
        names = folder / "names"
        names.write_text("subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
        signed_by = ["-CA", issuer, "-CAkey", issuer_key, "-CAcreateserial", "-extfile", names, "-days", "2"]
        openssl("x509", "-req", "-in", request, "-out", self.certificate, *signed_by)
        system = system_bundle()
        self.bundle.write_text((system.read_text() if system else "") + "\n" + issuer.read_text())

    def environment(self):
        """What makes a function trust the stub, as it trusts AWS on Lambda: through one bundle."""
        return {"SSL_CERT_FILE": str(self.bundle)}


def system_bundle():
    """The file with the system's CA certificates."""
    return next((path for path in SYSTEM_BUNDLES if path.exists()), None)


def available():
    """Whether certificates can be made here."""
    return shutil.which("openssl") is not None


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class TlsServer:
    """Serves a stub over TLS, a thread for each connection, until closed."""

    def __init__(self, stub, certificates):
        self._stub = stub
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificates.certificate, certificates.key)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._context.wrap_socket(sock, server_side=True) as secured:
                connection = Connection(secured, self._stub)
                while data := secured.recv(262144):
                    connection.received += data
                    for head, body in connection.requests():
                        self._stub(connection, head, body)
        except OSError:
            pass  # The function was ended.

    def close(self):
        """Takes no more connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
