# Expected: a read may cut a line
s/^        if (source->has_ended)$/        if (left > 0)/
