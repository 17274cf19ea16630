/* machine.h: describes this machine. */
#ifndef PHASE0_MACHINE_H
#define PHASE0_MACHINE_H

#include <stdbool.h>

struct machine {
    char kernel[65];       /* uname -r */
    char arch[65];         /* uname -m */
    unsigned version;      /* of the kernel sources; 6.1.64 is 0x060140 */
    char distribution[96]; /* PRETTY_NAME of os-release, or "" */
    bool is_virtual;
    char header[16];  /* liburing's version at compile time */
    char library[64]; /* file name of the loaded library, or "" */
};

/* Fills *out. A fact that is not known is "", 0 or false. */
void machine_look(struct machine *out);

/* Converts "6.1.64-1" to 0x060140; parts above 255 count as 255. Returns 0 if
 * text has no version. */
unsigned machine_version(const char *text);

/* A kernel bug that affects programs like those of this course. Distributions
 * fix bugs without changing the version, so this is only a hint and does not
 * affect the verdict. */
struct machine_bug {
    unsigned from, below; /* versions with the bug: from <= v < below */
    const char *what;
    const char *source;
};

/* Returns the n-th known bug of version, counted from 0, or NULL. */
const struct machine_bug *machine_bug(unsigned version, int n);

#endif
