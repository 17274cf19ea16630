"""first_read.py FILE: reads the beginning of a file through the ring."""
import ctypes
import sys

import onering

lib, ring = onering.load(), ctypes.c_void_p()
onering.checked(lib.onering_create(ctypes.byref(ring), 8))
buffer = ctypes.create_string_buffer(64)  # lent until its completion
with open(sys.argv[1], "rb") as file:
    read = onering.Read(7, 0, ctypes.addressof(buffer), 64, file.fileno())
    onering.checked(lib.onering_read(ring, read))
    onering.checked(lib.onering_wait(ring, 10**9))
done = onering.Completion()
lib.onering_next(ring, done)
print(done.id, done.result, buffer.value[:11].decode())
onering.checked(lib.onering_destroy(ring))
