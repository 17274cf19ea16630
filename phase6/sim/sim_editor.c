/* sim_editor.c: another process that changes files; see sim_editor.h.
 *
 * What it teaches: a server does not own its files. Between two of its system
 * calls, a file can be cut, grown, replaced or removed. "The right answer" is
 * then any answer that was right at some instant. */
#include "sim_editor.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "sim_check.h"
#include "sim_disk.h"
#include "sim_pick.h"
#include "sim_tree.h"
#include "sim_world.h"

#define CHANGES_MAX 14u
#define STATES_MAX (TREE_NAMES + CHANGES_MAX)
#define LEN_MAX 7000u
#define PAUSE_NS UINT64_C(20000000)

/* A name leads to a file with len bytes, or to none, for some time. */
struct state {
    unsigned name;
    const struct disk_file *file;
    uint64_t len;
    unsigned from, to; /* changes; to is UINT_MAX for the present state */
};

static struct {
    struct state history[STATES_MAX];
    unsigned count, changes, changes_max;
    uint64_t wakes_ns;
} editor;

/* Byte n of a file, however long the file is. */
static unsigned char pattern(const struct disk_file *file, uint64_t n)
{
    return (unsigned char)(file->inode * 89 + n * 7 + (n >> 8));
}

static struct disk_file *new_file(void)
{
    struct disk_file *file = disk_create();

    for (uint64_t i = 0; i < DISK_FILE_MAX; i++)
        file->bytes[i] = pattern(file, i);
    file->len = pick(LEN_MAX);
    return file;
}

/* Begins a new state of a name: the present one. */
static void note(unsigned name)
{
    const struct disk_file *file = tree_file(name);

    assert(editor.count < STATES_MAX);
    editor.history[editor.count++] = (struct state){
        .name = name,
        .file = file,
        .len = file != NULL ? file->len : 0,
        .from = editor.changes,
        .to = UINT32_MAX,
    };
    check_trace("now %s is file %u with %u bytes", tree_name(name),
                file != NULL ? (unsigned)file->inode : 0,
                file != NULL ? (unsigned)file->len : 0);
}

/* A name that has no file gets one. */
static void change(void *unused)
{
    unsigned name = pick(TREE_NAMES);
    struct disk_file *file = tree_file(name);

    (void)unused;
    editor.changes++;
    for (unsigned i = 0; i < editor.count; i++)
        if (editor.history[i].name == name &&
            editor.history[i].to == UINT32_MAX)
            editor.history[i].to = editor.changes;
    if (file == NULL || pick(3) == 0) {
        tree_link(name, new_file());
    } else if (pick(3) == 0) {
        tree_link(name, NULL);
    } else {
        file->len = pick(LEN_MAX); /* cut, or grown */
        tree_change(name);
    }
    note(name);
    editor.wakes_ns = world_now_ns() + pick(100) * PAUSE_NS;
}

static void offer_events(void)
{
    if (editor.changes < editor.changes_max)
        world_offer_at(editor.wakes_ns, change, NULL);
}

void editor_begin(void)
{
    memset(&editor, 0, sizeof editor);
    editor.changes_max = pick(2) == 0 ? 0 : pick(CHANGES_MAX);
    editor.wakes_ns = world_now_ns() + pick(100) * PAUSE_NS;
    for (unsigned i = 0; i < TREE_NAMES; i++) {
        if (pick(4) > 0)
            tree_link(i, new_file());
        note(i);
    }
    world_add_source(offer_events);
}

unsigned editor_changes(void)
{
    return editor.changes;
}

editor_states editor_since(unsigned name, unsigned changes)
{
    editor_states set = 0;

    for (unsigned i = 0; i < editor.count; i++)
        if (editor.history[i].name == name && editor.history[i].to > changes)
            set |= UINT64_C(1) << i;
    return set;
}

static bool has(editor_states set, unsigned i)
{
    return (set >> i & 1) != 0;
}

editor_states editor_absent(editor_states set)
{
    for (unsigned i = 0; i < editor.count; i++)
        if (has(set, i) && editor.history[i].file != NULL)
            set &= ~(UINT64_C(1) << i);
    return set;
}

editor_states editor_with_len(editor_states set, uint64_t len)
{
    for (unsigned i = 0; i < editor.count; i++)
        if (has(set, i) && (editor.history[i].file == NULL ||
                            editor.history[i].len != len))
            set &= ~(UINT64_C(1) << i);
    return set;
}

editor_states editor_with_byte(editor_states set, uint64_t at,
                               unsigned char byte)
{
    for (unsigned i = 0; i < editor.count; i++)
        if (has(set, i) && pattern(editor.history[i].file, at) != byte)
            set &= ~(UINT64_C(1) << i);
    return set;
}

editor_states editor_equal(editor_states set)
{
    editor_states equal = set;

    for (unsigned i = 0; i < editor.count; i++)
        for (unsigned j = 0; j < editor.count; j++)
            if (has(set, i) &&
                editor.history[i].file == editor.history[j].file &&
                editor.history[i].len == editor.history[j].len)
                equal |= UINT64_C(1) << j;
    return equal;
}
