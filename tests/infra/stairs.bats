#!/usr/bin/env bats
# What tests/tools/stairs must catch, each in a library of two or three layers.
# shellcheck disable=SC2016 # the table's backquotes are not commands

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    stairs=$BATS_TEST_DIRNAME/../tools/stairs
    export STAIRS_TABLE=$PWD/table.md
    export STAIRS_ALLOW=$BATS_TEST_DIRNAME/../tools/stairs.allow
    export STAIRS_LIBURING=$PWD/functions.liburing
    export STAIRS_LIBURING_PHASES=$PWD/functions.phases
    echo io_uring_queue_exit >functions.liburing
    : >functions.phases
    echo '| 0 | `base` | | results |
| 2 | `ring` | base | the ring |' >table.md
    object base sys '#include <unistd.h>
        int sys_pid(void); int sys_pid(void) { return getpid(); }'
    object ring ring 'void io_uring_queue_exit(void *ring);
        void ring_finish(void *ring);
        void ring_finish(void *ring) { io_uring_queue_exit(ring); }'
}

# object LAYER NAME SOURCE: the archive LAYER.a has one object more.
object()
{
    echo "$3" >"$2.c"
    cc -O2 -c "$2.c" -o "$2.o"
    ar rcs "$1.a" "$2.o"
}

@test "a library that keeps the rules is sound" {
    run "$stairs" *.a
    [ "$status" -eq 0 ]
    [ "$output" = "stairs: 2 layers, 2 objects, 1 functions of liburing: sound" ]
}

@test "a call of a forbidden layer is named with both layers" {
    object base err 'void ring_finish(void *); void err(void);
        void err(void) { ring_finish(0); }'
    run "$stairs" *.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"lib/base/err calls ring_finish of lib/ring/ring: lib/README.md does not let base use ring"* ]]
    [[ "$output" = *"base does not link with the layers that it may use alone"*ring_finish* ]]
}

@test "a call to a layer that may be used is sound" {
    object ring slots 'int sys_pid(void); int slots(void);
        int slots(void) { return sys_pid(); }'
    run "$stairs" *.a
    [ "$status" -eq 0 ]
}

@test "one name that two objects define is refused" {
    object ring twice 'int sys_pid(void); int sys_pid(void) { return 1; }'
    run "$stairs" *.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"sys_pid is defined twice: in lib/base/sys and in lib/ring/twice"* ]]
}

@test "only ring.o and ring_register.o call liburing" {
    object ring ring_register 'void io_uring_queue_exit(void *);
        void ring_register(void);
        void ring_register(void) { io_uring_queue_exit(0); }'
    run "$stairs" *.a
    [ "$status" -eq 0 ]
    object ring slots 'void io_uring_queue_exit(void *); void slots(void);
        void slots(void) { io_uring_queue_exit(0); }'
    run "$stairs" *.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"lib/ring/slots calls io_uring_queue_exit of liburing: only ring.c and ring_register.c do"* ]]
}

@test "a function of liburing that is not listed is refused" {
    echo io_uring_submit >functions.liburing
    run "$stairs" *.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"lib/ring/ring.c calls io_uring_queue_exit, which tests/tools/stairs.liburing does not list"* ]]
}

@test "a listed function that nobody calls is refused" {
    [ "$(pkg-config --modversion liburing)" = 2.3 ] ||
        skip "newer liburing inlines some of them"
    echo io_uring_submit >>functions.liburing
    run "$stairs" *.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"lists io_uring_submit, which lib/ring does not call"* ]]
}

@test "a back end may define what ring.o calls" {
    echo '| 7 | `own` | base | our own ring library |' >>table.md
    object own own_uring 'void io_uring_queue_exit(void *ring);
        void io_uring_queue_exit(void *ring) { (void)ring; }'
    run "$stairs" *.a
    [ "$status" -eq 0 ]
}

@test "a back end that lacks a listed function is refused" {
    echo '| 7 | `own` | base | our own ring library |' >>table.md
    echo io_uring_submit >functions.phases
    object own own_uring 'void io_uring_queue_exit(void *ring);
        void io_uring_queue_exit(void *ring) { (void)ring; }'
    run "$stairs" *.a
    [ "$status" -eq 1 ]
    [ "$output" = "stairs: lib/own does not define io_uring_submit, which tests/tools lists" ]
}

# program NAME FUNCTION: a program that calls a function of liburing.
program()
{
    echo "int $2(void *); int main(void) { return $2(0); }" >"$1.c"
    # The library's flags are words.
    # shellcheck disable=SC2046
    cc "$1.c" -o "$1" $(pkg-config --libs liburing)
}

@test "a program may call what either list has" {
    program one io_uring_submit
    echo io_uring_submit >functions.phases
    run "$stairs" *.a -- one
    [ "$status" -eq 0 ]
    [ "$output" = "stairs: 2 layers, 2 objects, 2 functions of liburing: sound" ]
}

@test "a program that calls a function of neither list is refused" {
    program one io_uring_submit
    run "$stairs" *.a -- one
    [ "$status" -eq 1 ]
    [[ "$output" = *"one calls io_uring_submit, which no list in tests/tools has"* ]]
}

@test "a function of the second list that no program calls is refused" {
    [ "$(pkg-config --modversion liburing)" = 2.3 ] ||
        skip "newer liburing inlines some of them"
    program one io_uring_submit
    printf 'io_uring_submit\nio_uring_get_events\n' >functions.phases
    run "$stairs" *.a -- one
    [ "$status" -eq 1 ]
    [ "$output" = "stairs: tests/tools/stairs.liburing-phases lists io_uring_get_events, which no program calls" ]
}

@test "only sys.o calls the operating system" {
    object ring slots '#include <unistd.h>
        int slots(void); int slots(void) { return getpid(); }'
    run "$stairs" *.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"lib/ring/slots calls getpid: the operating system is called in sys.c"* ]]
}

@test "the door has leaves for processes, faults, output, rings, sockets and rights, and no other" {
    source='#include <unistd.h>
        int NAME(void); int NAME(void) { return getpid(); }'
    object ring sys_process "${source//NAME/sys_process}"
    object ring sys_output "${source//NAME/sys_output}"
    object ring sys_fault "${source//NAME/sys_fault}"
    object ring sys_net "${source//NAME/sys_net}"
    object ring sys_confine "${source//NAME/sys_confine}"
    object ring sys_ring "${source//NAME/sys_ring}"
    run "$stairs" *.a
    [ "$status" -eq 0 ]
    object ring sys_other "${source//NAME/sys_other}"
    run "$stairs" *.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"lib/ring/sys_other calls getpid:"* ]]
}

@test "printing is a system call" {
    object ring slots '#include <stdio.h>
        void slots(int); void slots(int n) { printf("%d\n", n); }'
    run "$stairs" *.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"lib/ring/slots calls printf:"* ]]
}

@test "an exception holds for the object that it names and for no other" {
    source='#include <unistd.h>
        long NAME(void); long NAME(void) { return syscall(39); }'
    object base probe "${source//NAME/probe}"
    run "$stairs" *.a
    [ "$status" -eq 0 ]
    object base slots "${source//NAME/slots}"
    run "$stairs" *.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"lib/base/slots calls syscall:"* ]]
}

@test "the memcpy of a hardened C library is memcpy" {
    object ring slots '#define _FORTIFY_SOURCE 2
        #include <string.h>
        char bytes[8]; void slots(const char *from, unsigned long len);
        void slots(const char *from, unsigned long len)
        { memcpy(bytes, from, len); }'
    nm slots.o | grep __memcpy_chk
    run "$stairs" *.a
    [ "$status" -eq 0 ]
}

@test "an exception without a reason is refused" {
    { cat "$STAIRS_ALLOW"; echo "getpid slots"; } >mine.allow
    STAIRS_ALLOW=$PWD/mine.allow run "$stairs" *.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"no reason given for getpid"* ]]
}

@test "a layer that the table has and nothing checks is named" {
    echo '| 5 | `aio` | base, ring | files |' >>table.md
    run "$stairs" *.a
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "stairs: lib/README.md has the layer aio, but aio.a was not checked" ]
}

@test "an archive that the table does not have is named" {
    object extra extra 'int extra(void); int extra(void) { return 0; }'
    run "$stairs" *.a
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "stairs: extra.a: the table in lib/README.md does not have this layer" ]
}

@test "an archive that is not there is exit 2" {
    run "$stairs" base.a gone.a
    [ "$status" -eq 2 ]
    [[ "$output" = *"no archive gone.a"* ]]
    run "$stairs"
    [ "$status" -eq 2 ]
}
