"""Stands in for a forked kernel as its process: asks for it, lives as long as it does.

Run as a script by the kernel manager, with the socket's path and the kernel's own arguments. Whoever ends
this process ends the kernel, and the other way round, since both hold one connection; an interrupt goes
through it.
"""

import json
import os
import signal
import socket
import sys

if __name__ == "__main__":
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(sys.argv[1])
        folder = os.getcwd()  # noqa: PTH109 - without pathlib this starts at once
        asked = {"env": dict(os.environ), "cwd": folder, "argv": sys.argv[2:]}
        connection.sendall(json.dumps(asked).encode() + b"\n")
        signal.signal(signal.SIGINT, lambda *_: connection.send(b"i"))
        connection.recv(1)
    sys.exit(1)
