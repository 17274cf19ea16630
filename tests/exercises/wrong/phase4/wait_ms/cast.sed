# Expected: the cast makes a short wait of a long one
s/ms > INT_MAX ? INT_MAX : (int)ms/(int)ms/
