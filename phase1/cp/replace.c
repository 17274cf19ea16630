/* replace.c: decides whether an existing file may be replaced; see
 * replace.h. */
#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "message.h"
#include "file.h"

int replace_check(const struct target *target, const struct cp *cp,
                  const struct stat *existing)
{
    enum file_kind kind = file_kind_of(existing->st_mode);

    if (cp->options.no_clobber)
        return 1;
    if (file_is_same(existing, &target->source)) {
        message_refusal("cannot copy onto itself", target->shown,
                        "source and target are the same file");
        return -EEXIST;
    }
    if (created_is_copy(&cp->created, existing, &target->source)) {
        message_refusal("skipped", target->shown,
                        "its source was named more than once");
        return 1;
    }
    if (cp->target_is_new || created_has(&cp->created, existing)) {
        message_refusal("cannot overwrite", target->shown,
                        "this run created it from another source");
        return -EEXIST;
    }
    if (kind == FILE_LINK)
        return 0; /* replace the link, not the file it points to */
    if (kind != FILE_REGULAR) {
        message_refusal("cannot replace", target->shown, file_kind_words(kind));
        return -EEXIST;
    }
    if (!cp->options.force &&
        faccessat(target->dir, target->name, W_OK, AT_EACCESS) < 0)
        return message_error("cannot replace (use -f)", target->shown,
                             -errno);
    return 0;
}
