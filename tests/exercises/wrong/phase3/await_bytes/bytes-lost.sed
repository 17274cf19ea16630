# Expected: the read got bytes, and they are lost
/if (result == -ECANCELED/d
