/* seeds: writes each case of the corpus to a separate file in a folder, as a
 * seed for libFuzzer: `build/fuzz/seeds FOLDER`. */
#include <stdio.h>

#include "cases.h"

int main(int argc, char **argv)
{
    size_t total = cases_count();

    if (argc != 2) {
        fputs("usage: seeds FOLDER\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < total; i++) {
        const struct loaded_case *loaded = cases_load(i);
        static char path[4096];
        FILE *file;

        snprintf(path, sizeof path, "%s/case-%03zu", argv[1], i);
        file = fopen(path, "wb");
        if (file == NULL ||
            fwrite(loaded->input, 1, loaded->len, file) != loaded->len ||
            fclose(file) != 0) {
            perror(path);
            return 1;
        }
    }
    printf("%zu seeds in %s\n", total, argv[1]);
    return 0;
}
