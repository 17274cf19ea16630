"""Prints the verdict of h11 on each stream of stdin: see verdicts.c.

stdin has one stream per line, in hexadecimal. With --version, prints the
version of h11.
"""
import sys

import h11


def answer(connection):
    """Ends the current exchange, so that h11 reads the next request."""
    # 404, because a 2xx to CONNECT would switch protocols.
    connection.send(h11.Response(status_code=404,
                                 headers=[("content-length", "0")]))
    connection.send(h11.EndOfMessage())
    if connection.our_state is not h11.DONE:
        return False
    connection.start_next_cycle()
    return True


def verdict(stream):
    connection = h11.Connection(our_role=h11.SERVER)
    requests = total = pending = 0
    end = ""
    if stream:  # an empty one would mean the end of input
        connection.receive_data(stream)
    while True:
        try:
            event = connection.next_event()
        except h11.RemoteProtocolError:
            end = ", then refused"
            break
        if event is h11.NEED_DATA:
            rest = connection.trailing_data[0]
            if connection.their_state is not h11.IDLE or rest.strip(b"\r\n"):
                end = ", then incomplete"
            break
        if isinstance(event, h11.Data):
            pending += len(event.data)
        if isinstance(event, h11.EndOfMessage):
            requests, total, pending = requests + 1, total + pending, 0
            if not answer(connection):
                break
    plural = "" if requests == 1 else "s"
    size = f", {total} bytes" if total else ""
    return f"{requests} request{plural}{size}{end}"


if sys.argv[1:] == ["--version"]:
    print(h11.__version__)
else:
    for line in sys.stdin:
        print(verdict(bytes.fromhex(line)))
