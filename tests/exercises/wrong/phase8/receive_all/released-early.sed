# Expected: was the buffer returned before use() had them
/^            release(pool, number);/d
s/^            if (result > 0)/            release(pool, number);\n&/
