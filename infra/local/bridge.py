"""Lets containers reach the local AWS, which listens on 127.0.0.1 only: passes on what comes to the same port of Docker's
bridge, an address that exists on this machine alone. Until Ctrl-C.

    bridge.py 4566
"""

import json
import socket
import subprocess
import sys
import threading


def gateway():
    """This machine's address as containers on Docker's default network see it."""
    networks = json.loads(subprocess.check_output(["docker", "network", "inspect", "bridge"]))
    return networks[0]["IPAM"]["Config"][0]["Gateway"]


def pass_on(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # One side went away; the other one notices by itself.


def main(port):
    address = gateway()
    with socket.create_server((address, port)) as listener:
        print(f"http://{address}:{port}", flush=True)
        while True:
            inside, _ = listener.accept()
            outside = socket.create_connection(("127.0.0.1", port))
            for ends in ((inside, outside), (outside, inside)):
                threading.Thread(target=pass_on, args=ends, daemon=True).start()


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(0)
