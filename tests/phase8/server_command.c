/* server_command.c: each limit has an option, and each option a range. */
#include "server_command.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"

static struct server_command server = SERVER_COMMAND_DEFAULT(7878);
static const struct command_option options[] = {
    SERVER_COMMAND_OPTIONS(server),
    {0},
};
static const char help[] = SERVER_COMMAND_HELP("7878");

/* Where each limit is kept, and what it may be. */
static const struct {
    const char *name;
    size_t offset;
    unsigned standard, min, max;
} table[] = {
    {"sq", offsetof(struct limits, sq), LIMIT_SQ, 2, 32768},
    {"cq", offsetof(struct limits, cq), LIMIT_CQ, 16, 65536},
    {"bufs", offsetof(struct limits, bufs), LIMIT_BUFS, 1, 32768},
    {"max-conns", offsetof(struct limits, conns_max), 0, 1, 65536},
    {"threads", offsetof(struct limits, threads), LIMIT_THREADS, 1, 64},
    {"header-ms", offsetof(struct limits, header_ms), LIMIT_HEADER_MS, 1,
     86400000},
    {"idle-ms", offsetof(struct limits, idle_ms), LIMIT_IDLE_MS, 1, 86400000},
    {"send-ms", offsetof(struct limits, send_ms), LIMIT_SEND_MS, 1, 86400000},
    {"drain-ms", offsetof(struct limits, drain_ms), LIMIT_DRAIN_MS, 1,
     86400000},
    {"max-per-address", offsetof(struct limits, per_address_max), 0, 0,
     1000000},
    {"min-rate", offsetof(struct limits, rate_min), LIMIT_RATE_MIN, 0, 1000000},
    {"rate-ms", offsetof(struct limits, rate_ms), LIMIT_RATE_MS, 1, 86400000},
};

static const size_t table_len = sizeof table / sizeof *table;
static const struct limits standard = LIMITS_DEFAULT;
static struct service_options service;

/* Reads "--NAME TEXT" and nothing else. */
static int set(const char *name, const char *text)
{
    static char option[32], value[128];
    char *argv[] = {"server", option, value, NULL};
    struct command command = {
        .name = "server",
        .help = "",
        .options = options,
    };

    server = (struct server_command)SERVER_COMMAND_DEFAULT(7878);
    snprintf(option, sizeof option, "--%s", name);
    snprintf(value, sizeof value, "%s", text);
    return server_command_read(&server, &service, &command, 3, argv);
}

static int set_number(size_t i, unsigned number)
{
    char text[16];

    snprintf(text, sizeof text, "%u", number);
    return set(table[i].name, text);
}

static unsigned value_of(const struct limits *limits, size_t offset)
{
    unsigned value;

    memcpy(&value, (const char *)limits + offset, sizeof value);
    return value;
}

TEST(each_option_sets_its_limit_and_no_other)
{
    for (size_t i = 0; i < table_len; i++) {
        struct limits expected = LIMITS_DEFAULT;
        unsigned seventeen = 17;

        ck_assert_uint_eq(value_of(&standard, table[i].offset),
                          table[i].standard);
        ck_assert_int_eq(set_number(i, seventeen), COMMAND_GO_ON);
        memcpy((char *)&expected + table[i].offset, &seventeen,
               sizeof seventeen);
        ck_assert_mem_eq(&service.limits, &expected, sizeof expected);
    }
}

TEST(every_limit_has_an_option)
{
    ck_assert_uint_eq(table_len * sizeof(unsigned),
                      offsetof(struct limits, files_max));
    ck_assert_uint_eq(sizeof options / sizeof *options, table_len + 4);
}

TEST(a_range_includes_its_ends_and_nothing_beyond)
{
    for (size_t i = 0; i < table_len; i++) {
        ck_assert_int_eq(set_number(i, table[i].min), COMMAND_GO_ON);
        ck_assert_uint_eq(value_of(&service.limits, table[i].offset),
                          table[i].min);
        ck_assert_int_eq(set_number(i, table[i].max), COMMAND_GO_ON);
        ck_assert_uint_eq(value_of(&service.limits, table[i].offset),
                          table[i].max);
        ck_assert_int_eq(set_number(i, table[i].min - 1), COMMAND_USAGE);
        ck_assert_int_eq(set_number(i, table[i].max + 1), COMMAND_USAGE);
        ck_assert_mem_eq(&server.limits, &standard, sizeof standard);
    }
}

static unsigned port_of(const struct net_address *address)
{
    const struct sockaddr_in *v4 = (const void *)&address->storage;

    ck_assert_int_eq(v4->sin_family, AF_INET);
    return ntohs(v4->sin_port);
}

TEST(a_port_is_a_decimal_number_up_to_65535)
{
    static const char *const wrong[] = {
        "65536", "99999", "", "-1", "+1", " 1", "1 ", "0x50", "http",
        "4294967376" /* 2^32 + 80 */,
    };

    ck_assert_int_eq(set("port", "0"), COMMAND_GO_ON);
    ck_assert_uint_eq(port_of(&service.address), 0);
    ck_assert_int_eq(set("port", "65535"), COMMAND_GO_ON);
    ck_assert_uint_eq(port_of(&service.address), 65535);
    ck_assert_int_eq(set("port", "00080"), COMMAND_GO_ON);
    ck_assert_uint_eq(port_of(&service.address), 80);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(set("port", wrong[i]) == COMMAND_USAGE, "'%s' is taken",
                      wrong[i]);
}

TEST(an_address_is_numeric_or_localhost_or_a_unix_socket)
{
    ck_assert_int_eq(set("bind", "0.0.0.0"), COMMAND_GO_ON);
    ck_assert_uint_eq(port_of(&service.address), 7878);
    ck_assert_int_eq(set("bind", "unix:path"), COMMAND_GO_ON);
    ck_assert_int_eq(service.address.storage.ss_family, AF_UNIX);
    ck_assert_int_eq(set("bind", "localhost"), COMMAND_GO_ON);
    ck_assert_int_eq(service.address.storage.ss_family, AF_INET);
    ck_assert_int_eq(set("bind", "example.org"), COMMAND_USAGE);
}

/* Reads "--bind BIND --mode TEXT". */
static int set_mode(const char *bind, const char *text)
{
    char *argv[] = {(char *)"server", (char *)"--bind", (char *)bind,
                    (char *)"--mode", (char *)text, NULL};
    struct command command = {
        .name = "server",
        .help = "",
        .options = options,
    };

    server = (struct server_command)SERVER_COMMAND_DEFAULT(7878);
    return server_command_read(&server, &service, &command, 5, argv);
}

TEST(a_mode_is_octal_and_belongs_to_a_unix_socket)
{
    static const char *const wrong[] = {"", "0", "000", "8", "1000", "0x1",
                                        "-1", "660 ", "rw", "77777777777777"};

    ck_assert_int_eq(set_mode("unix:path", "0660"), COMMAND_GO_ON);
    ck_assert_uint_eq(service.address.mode, 0660);
    ck_assert_int_eq(set_mode("unix:path", "777"), COMMAND_GO_ON);
    ck_assert_uint_eq(service.address.mode, 0777);
    ck_assert_int_eq(set_mode("unix:path", "00001"), COMMAND_GO_ON);
    ck_assert_uint_eq(service.address.mode, 1);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(set_mode("unix:path", wrong[i]) == COMMAND_USAGE,
                      "'%s' is taken", wrong[i]);
    ck_assert_int_eq(set_mode("127.0.0.1", "0660"), COMMAND_USAGE);
    ck_assert_int_eq(set("bind", "unix:path"), COMMAND_GO_ON);
    ck_assert_uint_eq(service.address.mode, 0); /* the umask decides */
}

TEST(the_help_names_each_option_and_its_default)
{
    for (size_t i = 0; i < table_len; i++) {
        char text[32];

        snprintf(text, sizeof text, "--%s N", table[i].name);
        ck_assert_msg(strstr(help, text) != NULL, "no %s", text);
        snprintf(text, sizeof text, "%u", table[i].standard);
        ck_assert_msg(strstr(help, text) != NULL, "no %s for %s", text,
                      table[i].name);
    }
    check(strstr(help, "--bind ADDRESS") != NULL);
    check(strstr(help, "(7878)") != NULL);
}

int main(void)
{
    suite_begin("server_command");
    suite_add(each_option_sets_its_limit_and_no_other);
    suite_add(every_limit_has_an_option);
    suite_add(a_range_includes_its_ends_and_nothing_beyond);
    suite_add(a_port_is_a_decimal_number_up_to_65535);
    suite_add(an_address_is_numeric_or_localhost_or_a_unix_socket);
    suite_add(a_mode_is_octal_and_belongs_to_a_unix_socket);
    suite_add(the_help_names_each_option_and_its_default);
    return suite_end();
}
