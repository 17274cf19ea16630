/* terminal.c: the cats as jobs of a terminal.
 *
 * Judges: cat-raw, cat-sync, cat-uring. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "suite.h"

static const char *const cats[] = {"cat-sync", "cat-raw", "cat-uring"};
#define CATS 3

/* Becomes the leader of a session whose terminal is the pty of master. */
static void take_terminal(int master)
{
    int slave;

    setsid();
    slave = open(ptsname(master), O_RDWR);
    if (slave < 0 || ioctl(slave, TIOCSCTTY, 0) < 0)
        _exit(3);
    dup2(slave, 0);
    dup2(slave, 1);
    dup2(slave, 2);
    close(master);
}

static void run_cat(const char *name)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s", suite_bin(), name);
    execl(path, name, (char *)NULL);
    _exit(4);
}

/* Starts the cat in the background, as a shell does. Ends with 0 if it is
 * stopped by SIGTTIN, and stopped again after it was continued. */
_Noreturn static void be_shell(const char *name)
{
    pid_t cat = fork();
    int code = 0, status;

    if (cat == 0) {
        setpgid(0, 0);
        run_cat(name);
    }
    for (int i = 0; i < 2 && code == 0; i++) {
        alarm(50); /* ends this shell if the cat runs on */
        if (children_wait(cat, &status, WUNTRACED) != cat ||
            !WIFSTOPPED(status) ||
            WSTOPSIG(status) != SIGTTIN)
            code = 5;
        kill(cat, i == 0 ? SIGCONT : SIGKILL);
    }
    _exit(code);
}

TEST(a_cat_in_the_background_of_a_terminal_is_stopped)
{
    for (int i = 0; i < CATS; i++) {
        int master, status;
        pid_t shell;

        if (suite_why_no(cats[i]) != NULL)
            continue;
        master = posix_openpt(O_RDWR | O_NOCTTY);
        check(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
        shell = fork();
        if (shell == 0) {
            take_terminal(master);
            be_shell(cats[i]);
        }
        check(children_wait(shell, &status, 0) == shell);
        close(master); /* hangs up, which ends a cat that still runs */
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
                      "%s: %#x", cats[i], (unsigned)status);
    }
}
END_TEST

TEST(a_cat_in_the_foreground_copies_what_is_typed)
{
    for (int i = 0; i < CATS; i++) {
        char got[64] = "";
        size_t len = 0;
        int master, status;
        pid_t cat;

        if (suite_why_no(cats[i]) != NULL)
            continue;
        master = posix_openpt(O_RDWR | O_NOCTTY);
        check(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
        check(write(master, "one\ntwo\n\004", 9) == 9);
        cat = fork();
        if (cat == 0) {
            take_terminal(master);
            run_cat(cats[i]);
        }
        check(children_wait(cat, &status, 0) == cat);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
                      "%s: %#x", cats[i], (unsigned)status);
        /* The terminal's echo comes first. Then the slave is closed. */
        while (len < sizeof got - 1) {
            ssize_t more = read(master, got + len, sizeof got - 1 - len);

            if (more <= 0)
                break;
            len += (size_t)more;
        }
        ck_assert_str_eq(got, "one\r\ntwo\r\none\r\ntwo\r\n");
        close(master);
    }
}
END_TEST

int main(void)
{
    suite_begin("terminal");
    suite_add(a_cat_in_the_background_of_a_terminal_is_stopped);
    suite_add(a_cat_in_the_foreground_copies_what_is_typed);
    return suite_end();
}
