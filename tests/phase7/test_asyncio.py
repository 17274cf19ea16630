"""test_asyncio.py: a ring under asyncio: eventfd and loop.add_reader."""
import asyncio
import gc
import os
import tempfile
import unittest

import onering

LIMIT_S = 20


class Asyncio(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.ring = onering.Ring(8)
        self.reader, self.writer = os.pipe()

    async def asyncTearDown(self):
        if self.ring.ring:
            self.ring.close()
        os.close(self.reader)
        os.close(self.writer)

    async def finish(self, awaitable):
        return await asyncio.wait_for(awaitable, LIMIT_S)

    async def test_other_coroutines_run_while_one_awaits_a_read(self):
        read = asyncio.ensure_future(self.ring.read(self.reader, 16))
        turns = 0
        for _ in range(100):
            await asyncio.sleep(0)
            turns += not read.done()
        self.assertEqual(turns, 100)
        os.write(self.writer, b"hello")
        self.assertEqual(await self.finish(read), b"hello")

    async def test_many_coroutines_read_one_file(self):
        content = os.urandom(1 << 16)
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.flush()
            chunks = await self.finish(asyncio.gather(
                *(self.ring.read(file.fileno(), 1 << 12, i << 12)
                  for i in range(16))))
        self.assertEqual(b"".join(chunks), content)
        self.assertEqual(self.ring.lent, {})

    async def test_a_timeout_of_the_ring_is_awaited(self):
        self.assertIsNone(await self.finish(self.ring.sleep(0.01)))

    async def test_an_error_is_raised_in_the_coroutine(self):
        with self.assertRaises(OSError) as raised:
            await self.finish(self.ring.read(-1, 1))
        self.assertEqual(raised.exception.errno, 9)

    async def test_a_cancelled_read_keeps_its_buffer_until_its_completion(self):
        task = asyncio.ensure_future(self.await_read())
        await asyncio.sleep(0.01)
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertEqual(len(self.ring.lent), 1)  # the kernel has it
        gc.collect()

        async def is_returned():
            while self.ring.lent:
                await asyncio.sleep(0.001)

        await self.finish(is_returned())
        os.write(self.writer, b"x")  # it goes to the next reader
        self.assertEqual(await self.finish(self.ring.read(self.reader, 1)),
                         b"x")

    async def await_read(self):
        return await self.ring.read(self.reader, 1 << 16)

    async def test_close_with_an_operation_in_flight_ends_it_first(self):
        read = self.ring.read(self.reader, 1 << 16)
        await asyncio.sleep(0.01)
        self.ring.close()
        self.assertTrue(read.cancelled())
        gc.collect()
        os.write(self.writer, b"x")
        self.assertEqual(os.read(self.reader, 1), b"x")

    async def test_a_read_that_was_cancelled_before_its_submit_ends(self):
        self.ring.read(self.reader, 16).cancel()
        await asyncio.sleep(0)

        async def is_returned():
            while self.ring.lent:
                await asyncio.sleep(0.001)

        await self.finish(is_returned())


if __name__ == "__main__":
    unittest.main()
