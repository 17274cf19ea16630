/* ball.h: ping-pong between two loops in two threads.
 *
 * Test support. Needs: post.h, suite.h.
 *
 * Each hit is a post to the other's box. With one ball the loops would only run
 * alternately; with a few, posts meet a reader that is about to sleep, awake,
 * or in between. A wake-up that is lost leaves both asleep until the suite's
 * time-out. */
#ifndef TESTS_PHASE4_BALL_H
#define TESTS_PHASE4_BALL_H

#include <pthread.h>

#include "loop.h"
#include "post.h"
#include "suite.h"

#define BALLS_MAX 4

struct player {
    struct post_box box;
    struct player *other; /* borrowed */
    int hits, wanted;
};

struct ball {
    struct post post;
    struct player *holder; /* borrowed: whose box it is in */
    int passes_left;
};

struct game {
    struct player left, right;
    struct ball balls[BALLS_MAX];
    pthread_t thread; /* the right one's */
};

static inline void ball_hit(struct post *post)
{
    struct ball *ball = container_of(post, struct ball, post);
    struct player *self = ball->holder;

    self->hits++;
    ball->holder = self->other;
    if (--ball->passes_left > 0)
        loop_post(&self->other->box, post);
}

/* Task body: one of the two, until it has hit as often as it is to. */
static inline int await_hits(void *arg)
{
    struct player *self = arg;

    while (self->hits < self->wanted)
        check(post_await_posts(&self->box) >= 0);
    return 0;
}

/* Thread body: a player in a new loop. */
static inline void *play_alone(void *player)
{
    struct loop loop;

    check_ring(loop_init(&loop, NULL));
    check_res(loop_run(&loop, await_hits, player), 0);
    loop_finish(&loop);
    return NULL;
}

/* Each is to hit so often; the balls divide that. All of them begin on the
 * left, where the caller plays by await_hits(&game->left). The right one is in
 * another thread. */
static inline void game_begin(struct game *game, int balls, int hits)
{
    ck_assert(balls <= BALLS_MAX && hits % balls == 0);
    game->left = (struct player){.other = &game->right, .wanted = hits};
    game->right = (struct player){.other = &game->left, .wanted = hits};
    check_res(post_box_init(&game->left.box), 0);
    check_res(post_box_init(&game->right.box), 0);
    for (int i = 0; i < balls; i++) {
        game->balls[i] = (struct ball){.post.fn = ball_hit,
                                       .holder = &game->left,
                                       .passes_left = 2 * hits / balls};
        loop_post(&game->left.box, &game->balls[i].post);
    }
    check_res(pthread_create(&game->thread, NULL, play_alone, &game->right), 0);
}

static inline void game_end(struct game *game)
{
    pthread_join(game->thread, NULL);
    ck_assert_int_eq(game->left.hits, game->left.wanted);
    ck_assert_int_eq(game->right.hits, game->right.wanted);
    post_box_finish(&game->left.box);
    post_box_finish(&game->right.box);
}

#endif
