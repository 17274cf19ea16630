/* strategy.c: the names of the strategies; see strategy.h. */
#include "strategy.h"

#include <stdio.h>
#include <string.h>

#include "command.h"

#define countof(array) (sizeof(array) / sizeof *(array))

static const struct method methods[] = {
    {"sync", 1, strategy_run_sync},
    {"pool", 0, strategy_run_pool},
    {"posix-aio", STRATEGY_AIO_AT_ONCE, strategy_run_aio},
    {"libuv", STRATEGY_UV_AT_ONCE, strategy_run_uv},
    {"ring", 0, strategy_run_ring},
};

const char strategies_default[] =
    "sync,pool-4,pool-16,pool-64,posix-aio,libuv,"
    "ring-1,ring-4,ring-16,ring-64,ring-256";

/* Reads a strategy's name: a method's name, and a number if the method has
 * one. */
static bool read_name(struct strategy *strategy)
{
    for (size_t i = 0; i < countof(methods); i++) {
        const struct method *method = &methods[i];
        size_t len = strlen(method->name);
        const char *rest = strategy->name + len;
        uint64_t number = (uint64_t)method->at_once;

        if (strncmp(strategy->name, method->name, len) != 0)
            continue;
        if (method->at_once == 0
                ? *rest != '-' || !command_number(rest + 1, 1,
                                                  STRATEGY_AT_ONCE_MAX, &number)
                : *rest != '\0')
            continue;
        strategy->method = method;
        strategy->at_once = (int)number;
        return true;
    }
    return false;
}

int strategies_parse(const char *list, struct strategy *strategies,
                     const char **wrong)
{
    int count = 0;

    for (*wrong = list; **wrong != '\0'; count++) {
        size_t len = strcspn(*wrong, ",");
        struct strategy *strategy = &strategies[count];

        if (count == STRATEGIES_MAX || len >= sizeof strategy->name)
            return 0;
        memcpy(strategy->name, *wrong, len);
        strategy->name[len] = '\0';
        if (!read_name(strategy))
            return 0;
        *wrong += len + ((*wrong)[len] == ',');
    }
    return count;
}
