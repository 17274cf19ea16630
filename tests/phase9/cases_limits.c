/* cases_limits.c: each limit of a message, and one more than it. */
#include "cases.h"

#define X10(x) x x x x x x x x x x
#define X100(x) X10(X10(x))
#define X1000(x) X10(X100(x))

/* Runs of one letter. */
#define A2047 X1000("aa") X10("aaaa") "aaaaaaa"
#define A4089 X1000("aaaa") X10("aaaaaaaa") "aaaaaaaaa"
#define A8000 X1000("aaaaaaaa")
#define A8178 A8000 X10("aaaaaaaaaaaaaaaaa") "aaaaaaaa"
#define A8189 A8000 X10("aaaaaaaaaaaaaaaaaa") "aaaaaaaaa"

#define GET "GET / HTTP/1.0\r\n"
#define OK "GET / 1.0 close {"
#define POST "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
#define POST_OK "POST / 1.1 keep {Host=a; Transfer-Encoding=chunked} "

/* Fields whose lines have 32748 bytes, without the last CR and LF. */
#define LINE "A: " A8000 "\r\n"
#define LINES LINE LINE LINE LINE "A: " X100("aaaaaaa") X10("aa") "aaaaa"
#define LINES_OK                                                              \
    "A=" A8000 "; A=" A8000 "; A=" A8000 "; A=" A8000 "; A="                  \
    X100("aaaaaaa") X10("aa") "aaaaa"

#define FIELDS                                                                \
    X10("A=b; ") X10("A=b; ") X10("A=b; ") X10("A=b; ") X10("A=b; ")          \
    X10("A=b; ") X10("A=b; ") X10("A=b; ") X10("A=b; ")                       \
    "A=b; A=b; A=b; A=b; A=b; A=b; A=b; A=b; A=b; A=b"

const struct http_case cases_limits[] = {
    CASE("H-09", "a request line of 8192 bytes",
         "GET /" A8178 " HTTP/1.0\r\n\r\n",
         "GET /" A8178 " 1.0 close {} \"\""),
    CASE("H-09", "a request line of 8193 bytes",
         "GET /" A8178 "a HTTP/1." AT "0\r\n\r\n",
         "414 @ a request line over the limit"),
    CASE("H-09", "a request line of 8193 bytes, and an error behind it",
         "GET /" A8178 "a HTTP/1." AT "0\n",
         "414 @ a request line over the limit"),
    CASE("H-09", "an error in byte 8192 of a request line",
         "GET /" A8178 "a HTTP/1" AT "x0\r\n",
         "400 @ not HTTP/1.1 or 1.0"),
    CASE("H-09", "a target that ends behind the limit",
         "GET /" A8178 "aaaaaaaaa" AT "a HTTP/1.0\r\n\r\n",
         "414 @ a request line over the limit"),
    CASE("H-09", "a target without an end",
         "GET /" A8178 "aaaaaaaaa" AT "a" A8000,
         "414 @ a request line over the limit"),
    CASE("H-09", "a field line of 8192 bytes", GET "A: " A8189 "\r\n\r\n",
         OK "A=" A8189 "} \"\""),
    CASE("H-09", "a field line of 8193 bytes",
         GET "A: " A8189 AT "a\r\n\r\n",
         "431 @ a field line over the limit"),
    CASE("H-09", "a field line of 8192 bytes, and an error behind it",
         GET "A: " A8189 "\r" AT "a\r\n\r\n", "400 @ a CR without LF"),
    CASE("H-09", "a name without an end", GET "Aaa" A8189 AT "a" A8000,
         "431 @ a field line over the limit"),
    CASE("H-09", "a head of 32768 bytes", GET LINES "\r\n\r\n",
         OK LINES_OK "} \"\""),
    CASE("H-09", "a head of 32769 bytes", GET LINES "a\r\n\r" AT "\n",
         "431 @ a head over the limit"),
    CASE("H-09", "100 fields", GET X100("A:b\r\n") "\r\n",
         OK FIELDS "} \"\""),
    CASE("H-09", "101 fields", GET X100("A:b\r\n") AT "A:b\r\n\r\n",
         "431 @ too many fields"),
    CASE("H-09", "101 fields, the last one's name longer than a line",
         GET X100("A:b\r\n") AT "Aaa" A8189 "a: b\r\n\r\n",
         "431 @ too many fields"),
    CASE("H-09", "the first byte of a 101st field",
         GET X100("A:b\r\n") AT "A", "431 @ too many fields"),
    CASE("H-09", "trailers of 4096 bytes",
         POST "0\r\nA: " A4089 "\r\n\r\n",
         POST_OK "\"\" {A=" A4089 "}"),
    CASE("H-09", "trailers of 4097 bytes",
         POST "0\r\nA: " A4089 "a\r\n\r" AT "\n",
         "431 @ trailers over the limit"),
    CASE("H-09", "100 trailers", POST "0\r\n" X100("A:b\r\n") "\r\n",
         POST_OK "\"\" {" FIELDS "}"),
    CASE("H-09", "101 trailers", POST "0\r\n" X100("A:b\r\n") AT "A:b\r\n\r\n",
         "431 @ too many fields"),
    CASE("H-09", "chunk extensions of 4096 bytes",
         POST "1;" A2047 "\r\na\r\n1;" A2047 "\r\nb\r\n0\r\n\r\n",
         POST_OK "\"ab\""),
    CASE("H-09", "chunk extensions of 4097 bytes",
         POST "1;" A2047 "\r\na\r\n1;" A2047 "\r\nb\r\n0" AT ";a\r\n\r\n",
         "400 @ chunk extensions over the limit"),
    { 0 },
};
