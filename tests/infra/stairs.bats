#!/usr/bin/env bats
# What tests/stairs must catch, each in a staircase of two or three floors.

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    stairs=$BATS_TEST_DIRNAME/../stairs
    export STAIRS_FLOORS=$PWD/floors.ninja
    export STAIRS_ALLOW=$BATS_TEST_DIRNAME/../stairs.allow
    export STAIRS_LIBURING=$PWD/functions.liburing
    echo io_uring_queue_exit >functions.liburing
    floor 0 sys '#include <unistd.h>
        int sys_pid(void); int sys_pid(void) { return getpid(); }'
    floor 2 ring 'void io_uring_queue_exit(void *ring);
        void ring_finish(void *ring);
        void ring_finish(void *ring) { io_uring_queue_exit(ring); }'
    for n in 0 2; do
        echo "build \$b/lib/phase$n.a: ar x.o"
    done >floors.ninja
}

# floor N NAME SOURCE: the archive phaseN.a, of one object or one more.
floor()
{
    echo "$3" >"$2.c"
    cc -O2 -c "$2.c" -o "$2.o"
    ar rcs "phase$1.a" "$2.o"
}

@test "a staircase that keeps the rules is sound" {
    run "$stairs" phase*.a
    [ "$status" -eq 0 ]
    [ "$output" = "stairs: 2 floors, 2 objects, 1 functions of liburing: sound" ]
}

@test "a call to a floor above is named with both floors" {
    floor 0 err 'void ring_finish(void *); void err(void);
        void err(void) { ring_finish(0); }'
    run "$stairs" phase*.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"lib/err (floor 0) calls ring_finish of lib/ring (floor 2): calls go downward only"* ]]
    [[ "$output" = *"floor 0 does not stand on the floors below it"*ring_finish* ]]
}

@test "a call to a floor below is what floors are for" {
    floor 2 slots 'int sys_pid(void); int slots(void);
        int slots(void) { return sys_pid(); }'
    run "$stairs" phase*.a
    [ "$status" -eq 0 ]
}

@test "one name defined twice is not a staircase" {
    floor 2 twice 'int sys_pid(void); int sys_pid(void) { return 1; }'
    run "$stairs" phase*.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"floor 2 does not stand"*"multiple definition"* ]]
}

@test "only ring.o calls liburing" {
    floor 2 slots 'void io_uring_queue_exit(void *); void slots(void);
        void slots(void) { io_uring_queue_exit(0); }'
    run "$stairs" phase*.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"lib/slots (floor 2) calls io_uring_queue_exit of liburing: only ring.c does"* ]]
}

@test "a function of liburing that is not listed is refused" {
    echo io_uring_submit >functions.liburing
    run "$stairs" phase*.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"lib/ring.c calls io_uring_queue_exit, which tests/stairs.liburing does not list"* ]]
}

@test "a listed function that nobody calls is refused" {
    [ "$(pkg-config --modversion liburing)" = 2.3 ] ||
        skip "newer liburing inlines some of them"
    echo io_uring_submit >>functions.liburing
    run "$stairs" phase*.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"lists io_uring_submit, which lib/ring.c does not call"* ]]
}

@test "a back end above may define what ring.o calls" {
    floor 7 own_uring 'void io_uring_queue_exit(void *ring);
        void io_uring_queue_exit(void *ring) { (void)ring; }'
    run "$stairs" phase*.a
    [ "$status" -eq 0 ]
}

@test "only sys.o calls the operating system" {
    floor 2 slots '#include <unistd.h>
        int slots(void); int slots(void) { return getpid(); }'
    run "$stairs" phase*.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"lib/slots (floor 2) calls getpid: the operating system is called in sys.c"* ]]
}

@test "the door has leaves for processes and for faults, and no other" {
    source='#include <unistd.h>
        int NAME(void); int NAME(void) { return getpid(); }'
    floor 2 sys_process "${source//NAME/sys_process}"
    floor 2 sys_fault "${source//NAME/sys_fault}"
    run "$stairs" phase*.a
    [ "$status" -eq 0 ]
    floor 2 sys_other "${source//NAME/sys_other}"
    run "$stairs" phase*.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"lib/sys_other (floor 2) calls getpid:"* ]]
}

@test "printing is a system call too" {
    floor 2 slots '#include <stdio.h>
        void slots(int); void slots(int n) { printf("%d\n", n); }'
    run "$stairs" phase*.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"lib/slots (floor 2) calls printf:"* ]]
}

@test "an exception holds for the object that it names and for no other" {
    source='#include <unistd.h>
        long NAME(void); long NAME(void) { return syscall(39); }'
    floor 0 probe "${source//NAME/probe}"
    run "$stairs" phase*.a
    [ "$status" -eq 0 ]
    floor 0 slots "${source//NAME/slots}"
    run "$stairs" phase*.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"lib/slots (floor 0) calls syscall:"* ]]
}

@test "what a hardened C library calls memcpy is memcpy" {
    floor 2 slots '#define _FORTIFY_SOURCE 2
        #include <string.h>
        char bytes[8]; void slots(const char *from, unsigned long len);
        void slots(const char *from, unsigned long len)
        { memcpy(bytes, from, len); }'
    nm slots.o | grep __memcpy_chk
    run "$stairs" phase*.a
    [ "$status" -eq 0 ]
}

@test "an exception without a reason is refused" {
    { cat "$STAIRS_ALLOW"; echo "getpid slots"; } >mine.allow
    STAIRS_ALLOW=$PWD/mine.allow run "$stairs" phase*.a
    [ "$status" -eq 1 ]
    [[ "$output" = *"no reason given for getpid"* ]]
}

@test "a floor that the build has and nobody checks is named" {
    echo "build \$b/lib/phase5.a: ar x.o" >>floors.ninja
    run "$stairs" phase*.a
    [ "$status" -eq 1 ]
    [ "$output" = "stairs: phase5.a is built by lib/floors.ninja but was not checked" ]
}

@test "an archive that is not there is exit 2" {
    run "$stairs" phase0.a phase9.a
    [ "$status" -eq 2 ]
    [[ "$output" = *"no archive phase9.a"* ]]
    run "$stairs"
    [ "$status" -eq 2 ]
}
