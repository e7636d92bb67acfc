"""A steady, bounded load: resolves the name for each request, tries a refused connection again.

Prints a JSON line for each version seen, and at the end what came of all requests.
"""

import collections
import http.client
import json
import signal
import socket
import sys
import time

name, pause = sys.argv[1], float(sys.argv[2])
going = True


def stop(*_):
    global going
    going = False


def connected():
    found = socket.getaddrinfo(name, 8000, type=socket.SOCK_STREAM)
    connection = http.client.HTTPConnection(found[0][4][0], 8000, timeout=5)
    connection.connect()
    connection.sock.settimeout(10)
    return connection


def asked(connection):
    connection.request("GET", "/")
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    if answer.status != 200:
        raise OSError(f"status {answer.status}")
    return text.split()[0]


signal.signal(signal.SIGTERM, stop)
seen, failed, again = collections.Counter(), [], 0
while going:
    try:
        try:
            connection = connected()
        except OSError:
            # Nothing was sent yet: the only thing that is tried again.
            again += 1
            connection = connected()
        version = asked(connection)
        seen[version] += 1
        if seen[version] == 1:
            print(json.dumps({"first": version}), flush=True)
    except (OSError, http.client.HTTPException) as error:
        failed.append(f"{type(error).__name__}: {error}")
        print(json.dumps({"failed": failed[-1]}), flush=True)
    time.sleep(pause)
print(json.dumps({"seen": seen, "failed": failed, "again": again}), flush=True)
