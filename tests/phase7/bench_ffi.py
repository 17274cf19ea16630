"""bench_ffi.py [ROUNDS]: what a NOP costs from Python, per way to call C.

Each way but liburing-ffi calls the same three functions of lib/ffi per NOP:
onering_nop, onering_submit and onering_next. Rounds of the ways alternate; the figure is the
median per NOP, with the middle half. ONERING names the shared object. A way
that is not installed here is named, with the reason.
"""
import ctypes
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time

import onering

NOPS = 2000
HERE = os.path.dirname(os.path.abspath(__file__))


def ctypes_calls():
    lib = onering.load()
    ring = ctypes.c_void_p()
    onering.checked(lib.onering_create(ctypes.byref(ring), 64))
    done = onering.Completion()
    nop, submit, next = lib.onering_nop, lib.onering_submit, lib.onering_next

    def one(count):
        for i in range(count):
            nop(ring, i)
            submit(ring)
            assert next(ring, done) == 1 and done.id == i

    def batch(count):
        for first in range(0, count, 32):
            for i in range(first, first + 32):
                nop(ring, i)
            submit(ring)
            for i in range(first, first + 32):
                assert next(ring, done) == 1

    def floor(count):
        in_flight = lib.onering_in_flight
        for _ in range(count):
            in_flight(ring)

    return {"ctypes": one, "ctypes, 32 per submit": batch,
            "ctypes, one call that does nothing": floor}


def cffi_calls():
    import cffi
    ffi = cffi.FFI()
    ffi.cdef("""
        struct onering_completion { uint64_t id; int32_t result;
                                    uint32_t flags; };
        int onering_create(void **ring, unsigned sq_entries);
        int onering_nop(void *ring, uint64_t id);
        int onering_submit(void *ring);
        int onering_next(void *ring, struct onering_completion *out);
    """)
    lib = ffi.dlopen(os.environ["ONERING"])
    out = ffi.new("void **")
    onering.checked(lib.onering_create(out, 64))
    ring, done = out[0], ffi.new("struct onering_completion *")

    def one(count):
        for i in range(count):
            lib.onering_nop(ring, i)
            lib.onering_submit(ring)
            assert lib.onering_next(ring, done) == 1 and done.id == i

    return {"cffi, ABI mode": one}


def liburing_ffi_calls():
    """liburing 2.4 and later: liburing-ffi has the inline functions, too. Five
    calls per NOP, and the ring is memory of Python."""
    import cffi
    ffi = cffi.FFI()
    ffi.cdef("""
        struct io_uring_cqe { uint64_t user_data; int32_t res;
                              uint32_t flags; };
        int io_uring_queue_init(unsigned entries, void *ring, unsigned flags);
        void *io_uring_get_sqe(void *ring);
        void io_uring_prep_nop(void *sqe);
        int io_uring_submit(void *ring);
        int io_uring_peek_cqe(void *ring, struct io_uring_cqe **cqe);
        void io_uring_cqe_seen(void *ring, struct io_uring_cqe *cqe);
    """)
    lib = ffi.dlopen("liburing-ffi.so.2")
    ring = ffi.new("char[1024]")  # struct io_uring has 216 bytes
    onering.checked(lib.io_uring_queue_init(64, ring, 0))
    cqe = ffi.new("struct io_uring_cqe **")

    def one(count):
        for _ in range(count):
            lib.io_uring_prep_nop(lib.io_uring_get_sqe(ring))
            lib.io_uring_submit(ring)
            assert lib.io_uring_peek_cqe(ring, cqe) == 0
            lib.io_uring_cqe_seen(ring, cqe[0])

    return {"cffi, liburing-ffi": one}


def extension_calls(folder):
    include = sysconfig.get_paths()["include"]
    if not os.path.exists(os.path.join(include, "Python.h")):
        raise ImportError("no Python.h (Debian: python3-dev)")
    shared = os.path.realpath(os.environ["ONERING"])
    built = os.path.join(folder, "nopmodule.so")
    subprocess.run(
        ["cc", "-O2", "-shared", "-fPIC", "-I" + include,
         "-I" + os.path.join(HERE, "../../lib/ffi"),
         os.path.join(HERE, "nopmodule.c"), shared,
         "-Wl,-rpath," + os.path.dirname(shared), "-o", built], check=True)
    sys.path.insert(0, folder)
    import nopmodule

    def one(count):
        nop = nopmodule.nop
        for i in range(count):
            assert nop(i) == i

    return {"a compiled extension": one}


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 21
    ways = ctypes_calls()
    with tempfile.TemporaryDirectory() as folder:
        for more in (cffi_calls, liburing_ffi_calls,
                     lambda: extension_calls(folder)):
            try:
                ways.update(more())
            except (ImportError, OSError, subprocess.SubprocessError) as why:
                print(f"cannot be tried here: {why}")
    times = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            began = time.perf_counter_ns()
            run(NOPS - NOPS % 32)
            times[name].append(
                (time.perf_counter_ns() - began) / (NOPS - NOPS % 32))
    for name, ns in times.items():
        low, middle, high = statistics.quantiles(ns, n=4)
        print(f"{name:36} {middle:7.0f} ns ({low:.0f}..{high:.0f})")


main()
