"""onering.py: a ring in Python, through build/lib/libonering-own.so.

lib/ffi/onering.h is the contract. ctypes calls its functions; it releases the
GIL during each call. The environment variable ONERING names the shared object.

What it teaches: the kernel does not know Python's references. A buffer that is
lent must be kept alive here, under its id, until its completion arrives, even
if the coroutine that asked for it has been cancelled.
"""
import asyncio
import ctypes
import errno
import os


class Completion(ctypes.Structure):
    _fields_ = [("id", ctypes.c_uint64), ("result", ctypes.c_int32),
                ("flags", ctypes.c_uint32)]


class Read(ctypes.Structure):
    _fields_ = [("id", ctypes.c_uint64), ("offset", ctypes.c_uint64),
                ("buf", ctypes.c_void_p), ("len", ctypes.c_uint32),
                ("fd", ctypes.c_int32)]


def load(path=None):
    """Returns the shared object, with the types of its functions."""
    lib = ctypes.CDLL(path or os.environ["ONERING"])
    ring, u64 = ctypes.c_void_p, ctypes.c_uint64
    for name, arguments in {
            "create": [ctypes.POINTER(ring), ctypes.c_uint],
            "destroy": [ring], "eventfd": [ring], "submit": [ring],
            "in_flight": [ring], "read": [ring, ctypes.POINTER(Read)],
            "nop": [ring, u64], "timeout": [ring, u64, u64],
            "cancel": [ring, u64], "wait": [ring, u64],
            "next": [ring, ctypes.POINTER(Completion)]}.items():
        getattr(lib, "onering_" + name).argtypes = arguments
    return lib


def checked(result):
    """Returns a result that is >= 0, and raises OSError for -errno."""
    if result < 0:
        raise OSError(-result, os.strerror(-result))
    return result


class Ring:
    """A ring whose reads and timeouts are asyncio futures.

    Make it in a coroutine, and close it before the loop ends.
    """

    def __init__(self, entries=64):
        self.lib = load()
        self.ring = ctypes.c_void_p()
        checked(self.lib.onering_create(ctypes.byref(self.ring), entries))
        self.eventfd = self.lib.onering_eventfd(self.ring)
        os.set_blocking(self.eventfd, False)
        self.loop = asyncio.get_running_loop()
        self.loop.add_reader(self.eventfd, self._on_event)
        self.last_id = 0
        self.lent = {}  # id: (future, buffer), until the completion
        self.is_submit_due = False

    def read(self, fd, size, offset=2**64 - 1):
        """Returns a future for the bytes of one read."""
        buffer = ctypes.create_string_buffer(size)
        read = Read(self.last_id + 1, offset, ctypes.addressof(buffer), size,
                    fd)
        return self._start(self.lib.onering_read(self.ring, read), buffer)

    def sleep(self, seconds):
        """Returns a future that is None after that time."""
        result = self.lib.onering_timeout(self.ring, int(seconds * 1e9),
                                          self.last_id + 1)
        return self._start(result, None)

    def close(self):
        """Ends every operation. Afterwards no buffer is lent."""
        self.loop.remove_reader(self.eventfd)
        checked(self.lib.onering_destroy(self.ring))
        self.ring = None
        for future, _ in self.lent.values():
            future.cancel()
        self.lent.clear()

    def _start(self, result, buffer):
        checked(result)
        self.last_id += 1
        future = self.loop.create_future()
        future.add_done_callback(
            lambda done, id=self.last_id: self._on_done(done, id))
        self.lent[self.last_id] = (future, buffer)
        self._submit_soon()
        return future

    def _submit_soon(self):
        """Submits once for all operations of this iteration of the loop."""
        if not self.is_submit_due:
            self.is_submit_due = True
            self.loop.call_soon(self._submit)

    def _submit(self):
        self.is_submit_due = False
        if self.ring:
            checked(self.lib.onering_submit(self.ring))

    def _on_done(self, future, id):
        """Cancels the operation of a cancelled future. Its buffer stays lent
        until the completion: self.lent still has it."""
        if future.cancelled() and self.ring and id in self.lent:
            checked(self.lib.onering_cancel(self.ring, id))
            self._submit_soon()

    def _on_event(self):
        try:
            os.read(self.eventfd, 8)
        except BlockingIOError:
            pass
        done = Completion()
        while self.ring and self.lib.onering_next(self.ring, done):
            future, buffer = self.lent.pop(done.id)
            if future.done():
                continue  # it was cancelled
            if buffer is None and done.result == -errno.ETIME:
                future.set_result(None)
            elif done.result < 0:
                future.set_exception(
                    OSError(-done.result, os.strerror(-done.result)))
            else:
                future.set_result(buffer.raw[:done.result])
