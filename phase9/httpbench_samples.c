/* httpbench_samples.c: the requests of httpbench; see httpbench_samples.h. */
#include "httpbench_samples.h"

#include <stddef.h>

const struct httpbench_sample httpbench_samples[] = {
    /* one field: the fixed costs of a parse */
    {"smallest", "GET / HTTP/1.1\r\n"
                 "Host: localhost:8080\r\n"
                 "\r\n"},
    /* wrk, and most load generators */
    {"wrk", "GET /index.html HTTP/1.1\r\n"
            "Host: 127.0.0.1:8080\r\n"
            "Connection: keep-alive\r\n"
            "\r\n"},
    /* curl: three short fields */
    {"curl", "GET /docs/design.html HTTP/1.1\r\n"
             "Host: localhost:8080\r\n"
             "User-Agent: curl/7.88.1\r\n"
             "Accept: */*\r\n"
             "\r\n"},
    /* a browser that has the file in its cache */
    {"browser",
     "GET /docs/images/ring.svg?v=3 HTTP/1.1\r\n"
     "Host: www.example.org\r\n"
     "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 "
     "Firefox/128.0\r\n"
     "Accept: image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,"
     "*/*;q=0.5\r\n"
     "Accept-Language: en-US,en;q=0.5\r\n"
     "Accept-Encoding: gzip, deflate, br, zstd\r\n"
     "Connection: keep-alive\r\n"
     "Referer: http://www.example.org/docs/architecture.html\r\n"
     "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
     "If-None-Match: \"2f1a-5e0c7d3b\"\r\n"
     "\r\n"},
    /* a browser at a shop: long values, and a name of 25 bytes */
    {"cookies",
     "GET /shop/basket/items/4711?sort=price&page=2 HTTP/1.1\r\n"
     "Host: shop.example.org\r\n"
     "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
     "(KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36\r\n"
     "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
     "\r\n"
     "Accept-Language: de-DE,de;q=0.9,en;q=0.7\r\n"
     "Accept-Encoding: gzip, deflate, br\r\n"
     "Upgrade-Insecure-Requests: 1\r\n"
     "Referer: https://shop.example.org/shop/search?q=ring\r\n"
     "Cookie: session=7c1f0b6a9d3e4c5ba2f8e0d1c6b7a898; theme=dark; "
     "basket=4711-2.815-1.1138-4; consent=analytics%3D0%26ads%3D0; "
     "last_visit=1752148800; csrf=Zm9vYmFyYmF6cXV4cXV1eGNvcmdlZ3JhdWx0\r\n"
     "Connection: keep-alive\r\n"
     "\r\n"},
    {NULL, NULL},
};
