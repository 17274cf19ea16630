# Expected: or is it another buffer
s/use(pool->buffers\[number\]/use(pool->buffers[0]/
