/* machine.h: what this machine is, in words. */
#ifndef PHASE0_MACHINE_H
#define PHASE0_MACHINE_H

#include <stdbool.h>

struct machine {
    char kernel[65];       /* uname -r */
    char arch[65];         /* uname -m */
    unsigned version;      /* of the sources: 6.1.64 is 0x060140 */
    char distribution[96]; /* PRETTY_NAME of os-release, or "" */
    bool is_virtual;
    char header[16];  /* liburing's version when this was compiled */
    char library[64]; /* the version that is loaded now, or "" */
};

/* Fills *out. A fact that is not available is empty or false. */
void machine_look(struct machine *out);

/* Converts "6.1.64-1" to 0x060140; parts above 255 count as 255. Returns 0 if
 * text has no version. */
unsigned machine_version(const char *text);

/* A kernel bug that affects programs like these. Distributions fix bugs without
 * changing the version, so this is a hint, and never a verdict. */
struct machine_bug {
    unsigned from, below; /* versions of the sources */
    const char *what;
    const char *source;
};

/* Returns the n-th known bug of that version, counted from 0, or NULL. */
const struct machine_bug *machine_bug(unsigned version, int n);

#endif
