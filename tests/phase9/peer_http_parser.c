/* peer_http_parser: prints the verdict of http-parser on each stream of stdin:
 * see verdicts.c. stdin has one stream per line, in hexadecimal. With
 * --version, prints the version of http-parser. differences.bats builds this
 * program, where the library is installed. */
#include <http_parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t requests, total, pending;

static int on_body(http_parser *parser, const char *at, size_t len)
{
    (void)parser;
    (void)at;
    pending += len;
    return 0;
}

/* Stops the parser after the last request of the connection. */
static int on_complete(http_parser *parser)
{
    requests++;
    total += pending;
    pending = 0;
    if (!http_should_keep_alive(parser))
        http_parser_pause(parser, 1);
    return 0;
}

static const char *end_of(http_parser *parser)
{
    switch (HTTP_PARSER_ERRNO(parser)) {
    case HPE_OK:
    case HPE_PAUSED:
        return "";
    case HPE_INVALID_EOF_STATE:
        return ", then incomplete";
    default:
        return ", then refused";
    }
}

static void print_verdict(const char *stream, size_t len)
{
    const http_parser_settings settings = {
        .on_body = on_body,
        .on_message_complete = on_complete,
    };
    http_parser parser;

    requests = total = pending = 0;
    http_parser_init(&parser, HTTP_REQUEST);
    (void)http_parser_execute(&parser, &settings, stream, len);
    if (HTTP_PARSER_ERRNO(&parser) == HPE_OK && !parser.upgrade)
        (void)http_parser_execute(&parser, &settings, NULL, 0);
    printf("%zu request%s", requests, requests == 1 ? "" : "s");
    if (total > 0)
        printf(", %zu bytes", total);
    puts(end_of(&parser));
}

int main(int argc, char **argv)
{
    static char line[1 << 17], stream[1 << 16];
    unsigned long version = http_parser_version();

    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        printf("%lu.%lu.%lu\n", version >> 16, version >> 8 & 255,
               version & 255);
        return 0;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        size_t len = strcspn(line, "\n") / 2;

        for (size_t i = 0; i < len; i++) {
            char digits[3] = {line[2 * i], line[2 * i + 1], '\0'};

            stream[i] = (char)strtoul(digits, NULL, 16);
        }
        print_verdict(stream, len);
    }
    return 0;
}
