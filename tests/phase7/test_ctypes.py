"""test_ctypes.py: reads a file through the shared object, without asyncio."""
import ctypes
import os
import sys
import tempfile
import unittest

import onering


class Ctypes(unittest.TestCase):
    def setUp(self):
        self.lib = onering.load()
        self.ring = ctypes.c_void_p()
        onering.checked(
            self.lib.onering_create(ctypes.byref(self.ring), 8))

    def tearDown(self):
        onering.checked(self.lib.onering_destroy(self.ring))

    def next(self):
        done = onering.Completion()
        while not self.lib.onering_next(self.ring, done):
            onering.checked(self.lib.onering_wait(self.ring, 20 * 10**9))
        return done

    def test_a_file_is_read_in_chunks_that_are_in_flight_together(self):
        content = os.urandom(1 << 16)
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.flush()
            buffers = [ctypes.create_string_buffer(1 << 12)
                       for _ in range(16)]
            for i, buffer in enumerate(buffers):
                read = onering.Read(i, i << 12, ctypes.addressof(buffer),
                                    1 << 12, file.fileno())
                onering.checked(self.lib.onering_read(self.ring, read))
            results = {done.id: done.result
                       for done in (self.next() for _ in buffers)}
        self.assertEqual(results, {i: 1 << 12 for i in range(16)})
        self.assertEqual(b"".join(b.raw for b in buffers), content)

    def test_an_error_is_a_negative_errno(self):
        buffer = ctypes.create_string_buffer(1)
        read = onering.Read(1, 0, ctypes.addressof(buffer), 1, -1)
        onering.checked(self.lib.onering_read(self.ring, read))
        self.assertEqual(self.next().result, -9)  # EBADF
        self.assertEqual(self.lib.onering_nop(self.ring, 2**63), -22)

    def test_liburing_names_are_not_visible(self):
        with self.assertRaises(AttributeError):
            self.lib.io_uring_submit


if __name__ == "__main__":
    sys.exit(unittest.main())
