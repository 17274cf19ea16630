/* cases_streams.c: more than one request on a connection. */
#include "cases.h"

#define GET(target) "GET " target " HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK(target) "GET " target " 1.1 keep {Host=a} \"\""

const struct http_case cases_streams[] = {
    CASE("H-01", "two requests and a half",
         GET("/1") GET("/2") "GET /3 HT",
         OK("/1") "\n" OK("/2") "\nincomplete head @"),
    CASE("H-01", "two bodies, one behind the other",
         "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
         "POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
         "2\r\nho\r\n0\r\nA: b\r\n\r\n" GET("/3"),
         "POST /1 1.1 keep {Host=a; Content-Length=2} \"hi\"\n"
         "POST /2 1.1 keep {Host=a; Transfer-Encoding=chunked} \"ho\" {A=b}\n"
         OK("/3")),
    CASE("H-12", "nothing of one request is seen in the next",
         "POST http://b/?q HTTP/1.0\r\nHost: a\r\nContent-Length: 2\r\n"
         "Connection: keep-alive\r\nExpect: 100-continue\r\n\r\nhi"
         GET("/x"),
         "POST http://b/?q 1.0 keep {Host=a; Content-Length=2; "
         "Connection=keep-alive; Expect=100-continue} \"hi\"\n" OK("/x")),
    CASE("H-12", "a Host does not last",
         GET("/") "GET / HTTP/1.1\r\n\r" AT "\n",
         OK("/") "\n400 @ no Host in HTTP/1.1"),
    CASE("H-12", "good, bad, good: the stream ends at the bad",
         GET("/1") "GET /2 HTTP/1.1\r\nHost" AT " : a\r\n\r\n" GET("/3"),
         OK("/1") "\n400 @ a field's name without a colon"),
    CASE("H-08", "a body longer than said is the next request",
         "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
         "!" AT "\r\n",
         "POST / 1.1 keep {Host=a; Content-Length=5} \"hello\"\n"
         "400 @ the method is not a token and a space"),
    CASE("H-20", "an empty line after a body",
         "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello\r\n"
         GET("/"),
         "POST / 1.1 keep {Host=a; Content-Length=5} \"hello\"\n" OK("/")),
    CASE("H-20", "an empty line at the very end", GET("/") "\r\n", OK("/")),
    CASE("H-20", "eight empty lines before each",
         "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n" GET("/1")
         "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n" GET("/2"),
         OK("/1") "\n" OK("/2")),
    CASE("H-08", "a request behind Connection: close is not parsed",
         "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" GET("/2"),
         "GET /1 1.1 close {Host=a; Connection=close} \"\""),
    CASE("H-08", "bytes behind Connection: close are no error",
         "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n\0\x80",
         "GET /1 1.1 close {Host=a; Connection=close} \"\""),
    CASE("H-08", "bytes behind the last body are no error",
         "POST /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
         "Content-Length: 2\r\n\r\nhi\r\n!",
         "POST /1 1.1 close {Host=a; Connection=close; Content-Length=2} "
         "\"hi\""),
    CASE("H-08", "bytes behind a request of HTTP/1.0 are no error",
         "GET /1 HTTP/1.0\r\n\r\n\n", "GET /1 1.0 close {} \"\""),
    CASE("H-17", "a request behind CONNECT is parsed",
         "CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n" GET("/x"),
         "CONNECT b:443 1.1 keep {Host=b:443} \"\"\n" OK("/x")),
    CASE("H-17", "a request behind an upgrade is parsed",
         "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n"
         "Upgrade: websocket\r\n\r\n" GET("/2"),
         "GET /1 1.1 keep {Host=a; Connection=upgrade; Upgrade=websocket} "
         "\"\"\n" OK("/2")),
    CASE("H-17", "CONNECT has a body like any other",
         "CONNECT b:1 HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\nhi"
         GET("/x"),
         "CONNECT b:1 1.1 keep {Host=b; Content-Length=2} \"hi\"\n" OK("/x")),
    CASE("H-02", "a request hidden in a chunked body",
         "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
         "\r\n1e\r\n" GET("/hid") "\r\n0\r\n\r\n" GET("/x"),
         "POST / 1.1 keep {Host=a; Transfer-Encoding=chunked} "
         "\"GET /hid HTTP/1.1\\x0d\\x0aHost: a\\x0d\\x0a\\x0d\\x0a\"\n"
         OK("/x")),
    { 0 },
};
