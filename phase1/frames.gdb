# frames.gdb: prints cat-raw's ring before and after each io_uring_enter.
#
# What it teaches: who moves which index, and when (docs/model.md).
#
#   gdb -q -batch -x phase1/frames.gdb build/phase1/cat-raw
#
# 426 is the number of io_uring_enter. New system calls have the same number on
# nearly every architecture.
set pagination off
set debuginfod enabled off
catch syscall 426
commands
    silent
    printf "SQ %u..%u   CQ %u..%u", *ring.sq_head, *ring.sq_tail, \
        *ring.cq_head, *ring.cq_tail
    printf "   opcodes %2u %2u", ring.sqes[0].opcode, ring.sqes[1].opcode
    printf "   results %d %d %d %d\n", ring.cqes[0].res, ring.cqes[1].res, \
        ring.cqes[2].res, ring.cqes[3].res
    continue
end
run /proc/sys/kernel/ostype >/dev/null
