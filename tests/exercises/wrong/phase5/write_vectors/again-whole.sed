# Expected: bytes were written twice
/^        if (count > 0) {/,/^        }/d
