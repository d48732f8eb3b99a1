"""The data that the server of a page receives."""
import struct

TOKEN = b"0123456789abcdef"
UPGRADE = (b"Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")


def request_seeds(_random):
    def request(line=b"GET / HTTP/1.1", *headers, host=b"localhost:8642"):
        return b"\r\n".join((line, b"Host: " + host) + headers) + b"\r\n\r\n"

    yield "good-page", request()
    yield "good-address", request(host=b"127.0.0.1")
    yield "good-head", request(b"HEAD / HTTP/1.0")
    yield "good-key", request(b"GET /?key=" + TOKEN + b" HTTP/1.1", b"Accept: text/html", host=b"name.example")
    yield "good-browser", request(b"GET / HTTP/1.1", b"User-Agent: Mozilla/5.0 (X11; Linux x86_64)",
                                  b"Accept: text/html,*/*;q=0.8", b"Accept-Language: de,en;q=0.5",
                                  b"Accept-Encoding: gzip, deflate", b"Connection: keep-alive", b"DNT: 1")
    yield "good-live", request(b"GET /live HTTP/1.1", b"Origin: http://localhost:8642", UPGRADE[:-2])
    yield "good-more-after", request() + b"GET / HTTP/1.1\r\n"
    yield "bad-options", request(b"OPTIONS / HTTP/1.1", b"Origin: http://evil.example",
                                 b"Access-Control-Request-Method: GET")
    yield "bad-host", request(host=b"localhost.evil.example")
    yield "bad-hosts", request(b"GET / HTTP/1.1", b"Host: localhost")
    yield "bad-origin", request(b"GET /live HTTP/1.1", b"Origin: http://evil.example", UPGRADE[:-2])
    yield "bad-no-upgrade", request(b"GET /live HTTP/1.1", b"Origin: http://localhost:8642")
    yield "bad-key", request(b"GET /?key=0123456789abcdeX HTTP/1.1", host=b"name.example")
    yield "bad-path", request(b"GET /../etc/passwd HTTP/1.1")
    yield "bad-absolute", request(b"GET http://localhost/ HTTP/1.1")
    yield "bad-version", request(b"GET / HTTP/2.0")
    yield "bad-long-path", request(b"GET /" + b"a" * 1024 + b" HTTP/1.1")
    yield "bad-many-headers", request(b"GET / HTTP/1.1", *[b"a: b"] * 64)
    yield "bad-fold", request(b"GET / HTTP/1.1", b"A: b", b" c")
    yield "bad-line-feeds", request().replace(b"\r\n", b"\n")
    yield "bad-zero", request(b"GET / HTTP/1.1", b"A: \0")
    yield "bad-cut", request()[:-1]
    yield "bad-body", request(b"POST / HTTP/1.1", b"Content-Length: 999999999999") + b"body"
    yield "bad-nothing", b""


def knob(*rest, token=TOKEN):
    return b'{"token":"' + token + b'"' + b"".join(rest) + b"}"


CHANGE = knob(b',"do":"change","key":"learning_rate","value":"0.001"')


def knob_seeds(_random):
    yield "good-change", CHANGE
    yield "good-pause", knob(b',"do":"pause"')
    yield "good-nothing-to-do", knob()
    yield "good-escapes", knob(b',"do":"\\u00e4\\"[{\\\\","key":"\\ud83d\\ude00"')
    yield "good-long", knob(b',"value":"' + b"9" * 900 + b'"')
    yield "good-kinds", knob(b',"do":1e3,"key":null,"value":true')
    yield "bad-token", knob(b',"do":"stop"', token=b"0123456789abcdeX")
    yield "bad-short-token", knob(b',"do":"stop"', token=TOKEN[:-1])
    yield "bad-token-last", b'{"do":"stop","token":"' + TOKEN + b'"}'
    yield "bad-deep", b"[" * 1000
    yield "bad-deep-objects", b'{"a":' * 200
    yield "bad-deep-behind-token", knob()[:-1] + b',"do":' + b"[" * 990
    yield "bad-objects-behind-token", knob()[:-1] + b',"do":{"do":{}}}'
    yield "bad-twice", knob(b',"do":"stop","do":"go"')
    yield "bad-zero", knob(b',"do":"\\u0000"')
    yield "bad-bytes", knob(b',"do":"\xff"')
    yield "bad-cut", CHANGE[:-1]
    yield "bad-more-after", CHANGE + CHANGE
    yield "bad-nothing", b""


def frame(data, kind=1, final=True, reserved=0, mask=b"\1\2\3\4", length=None):
    length = len(data) if length is None else length
    first = bytes([final << 7 | reserved << 4 | kind])
    masked = 0x80 if mask else 0
    if length < 126:
        second = bytes([masked | length])
    elif length < 1 << 16:
        second = struct.pack(">BH", masked | 126, length)
    else:
        second = struct.pack(">BQ", masked | 127, length)
    if mask:
        data = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
    return first + second + mask + data


def websocket_seeds(_random):
    yield "good-knob", frame(CHANGE)
    yield "good-knobs", frame(CHANGE) + frame(knob(b',"do":"go"'), mask=b"\0\0\0\0")
    yield "good-longest", frame(knob(b',"value":"' + b"1" * 985 + b'"'))
    yield "good-ping", frame(b"hello", kind=9) + frame(b"", kind=10) + frame(b"x" * 125, kind=9)
    yield "good-cut", frame(CHANGE)[:-1]
    yield "good-nothing", b""
    yield "bad-close", frame(struct.pack(">H", 1000) + b"done", kind=8) + frame(CHANGE)
    yield "bad-token", frame(knob(b',"do":"stop"', token=b"0123456789abcdeX"))
    yield "bad-deep", frame(b"[" * 1000)
    yield "bad-no-mask", frame(CHANGE, mask=b"")
    yield "bad-reserved", frame(CHANGE, reserved=4)
    yield "bad-kind", frame(b"", kind=3)
    yield "bad-bytes", frame(b"\0\1", kind=2)
    yield "bad-parts", frame(CHANGE[:20], final=False) + frame(CHANGE[20:], kind=0)
    yield "bad-long", frame(b" " * 1025)
    yield "bad-claim", frame(b"", length=1 << 31)
    yield "bad-largest-claim", frame(b"", length=(1 << 64) - 1)
    yield "bad-long-ping", frame(b"x" * 126, kind=9)
    yield "bad-flood", frame(b"", kind=9) * 129
    yield "bad-http", b"GET / HTTP/1.1\r\n\r\n"
