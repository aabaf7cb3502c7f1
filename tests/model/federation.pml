/* federation.pml: join, revoke, incarnation and fork, for spin (spinroot.com), which walks through every order of steps.
 *
 * One writer W records at its machine; somebody may copy that machine's data directory to a second one. A centre C above
 * it and the hub H above that hold what W wrote; W also reaches H itself. A stream is one incarnation of W's data: its
 * value is the count of what was recorded in it, which is its seq. All of it goes wrong in every order within the budgets
 * below; then the faults stop (calm), syncs go on while any of them moves something, and what holds at rest is asserted.
 * BUG=n in the environment of the checker plants a bug (model.sh says which); without one nothing may fail. */
c_decl {
    \#include <stdlib.h>
    static int bug;
}

/* The budgets; of results: RECORDS in the environment. */
#ifndef INCARNATIONS
#define INCARNATIONS 3
#endif
#ifndef SEQS
#define SEQS 3 /* 0 to 2 */
#endif

#define W 0    /* the machine */
#define COPY 1 /* another machine with a copy of its data */
#define C 2
#define H 3
#define NODES 4
#define NOBODY 255

#define held(node, i) all_held[(node) * INCARNATIONS + (i)]
#define stamp(i, seq) all_stamps[(i) * SEQS + (seq)]
#define is_machine(node) ((node) < C)

byte all_held[NODES * INCARNATIONS]; /* durable seq of each stream at each node */
byte living[2] = NOBODY;             /* the incarnation a machine writes, drawn with its first record */
bool waits[2];                       /* a record that is not durable yet */
byte backup[INCARNATIONS];           /* of W */
bool knows_admission[NODES], knows_revocation[NODES], knows_fork[NODES];
byte end[INCARNATIONS];              /* where the revocation ends each stream */
bool calm, rest;
byte begun, records, records_max, restores, losses;
bool has_copy, has_backup;

/* What really happened. */
byte issued[INCARNATIONS]; /* the last seq that left a machine for good */
byte acked[INCARNATIONS];  /* what must be there at rest */
byte all_stamps[INCARNATIONS * SEQS], now;

/* --- the machines of W --- */

inline incarnation_draw(m)
{
    if
    :: living[m] == NOBODY -> living[m] = begun; begun++
    :: else
    fi
}

inline record_make(m) /* one result; the person is told when it is durable */
{
    incarnation_draw(m);
    waits[m] = true;
    records++;
    if
    :: c_expr { bug == 2 } -> /* told before */
        acked[living[m]] = held(m, living[m]) + 1
    :: else
    fi
}

inline commit_make(m)
{
    waits[m] = false;
    held(m, living[m]) = held(m, living[m]) + 1;
    assert(held(m, living[m]) > issued[living[m]]); /* no seq is issued twice */
    issued[living[m]] = held(m, living[m]);
    acked[living[m]] = held(m, living[m]);
    now++;
    stamp(living[m], held(m, living[m])) = now
}

inline machine_stop(m) /* a crash: the next start draws a fresh incarnation */
{
    waits[m] = false;
    living[m] = NOBODY
}

/* Of each stream, what is left when `node` has lost more than `best` of it. */
inline floors_lower()
{
    i = 0;
    do
    :: i < INCARNATIONS ->
        best = 0;
        n = 0;
        do
        :: n < NODES ->
            if
            :: held(n, i) > best -> best = held(n, i)
            :: else
            fi;
            n++
        :: else -> break
        od;
        if
        :: acked[i] > best && c_expr { bug != 2 } -> acked[i] = best
        :: else
        fi;
        i++
    :: else -> break
    od
}

inline restore_make()
{
    i = 0;
    do
    :: i < INCARNATIONS -> held(W, i) = backup[i]; i++
    :: else -> break
    od;
    floors_lower();
    if
    :: c_expr { bug == 1 } -> waits[W] = false /* believes that its database is the latest */
    :: else -> machine_stop(W)
    fi;
    restores++
}

inline copy_make()
{
    i = 0;
    do
    :: i < INCARNATIONS -> held(COPY, i) = held(W, i); i++
    :: else -> break
    od;
    if
    :: c_expr { bug == 5 } -> living[COPY] = living[W]
    :: else
    fi;
    knows_admission[COPY] = true;
    has_copy = true
}

/* --- syncs --- */

/* Does `h` take stream `s` of `g`, by what it knows? Of a revoked writer what is left, up to exactly there. */
#define takes(h, g, s) ((knows_admission[h] || c_expr { bug == 3 }) && held(g, s) > held(h, s) && \
    !(is_machine(h) && (living[h] == s || c_expr { bug == 9 })) && \
    !(knows_revocation[h] && (is_machine(g) || is_machine(h) || (held(g, s) > end[s] && c_expr { bug != 7 }))) && \
    !(knows_revocation[g] && (is_machine(g) || is_machine(h))))
#define tells_fork(g) (knows_fork[g] && c_expr { bug != 8 })
#define moves(h, g) (takes(h, g, 0) || takes(h, g, 1) || takes(h, g, 2))
#define tells(g, h) ((knows_admission[g] && !knows_admission[h]) || (knows_revocation[g] && !knows_revocation[h]) || \
    (tells_fork(g) && !knows_fork[h]))

inline news_tell(g, h) /* to who knows W */
{
    knows_revocation[h] = knows_revocation[h] || knows_revocation[g];
    knows_fork[h] = knows_fork[h] || tells_fork(g)
}

inline roster_tell(g, h) /* first, and whatever else may be held */
{
    knows_admission[h] = knows_admission[h] || knows_admission[g];
    knows_revocation[h] = knows_revocation[h] || knows_revocation[g];
    knows_fork[h] = knows_fork[h] || tells_fork(g)
}

/* X before, Y, X again and further, by their stamps: two machines write. */
inline turns_see(h, s, was, is)
{
    n = 0;
    do
    :: n < INCARNATIONS ->
        if
        :: n != s && was > 0 && held(h, n) > 0 && stamp(n, held(h, n)) > stamp(s, was) &&
           (stamp(n, held(h, n)) < stamp(s, is) || c_expr { bug == 6 }) -> knows_fork[h] = true
        :: else
        fi;
        n++
    :: else -> break
    od;
    assert(!knows_fork[h] || has_copy) /* nobody is accused for nothing */
}

inline stream_take(h, g)
{
    if
    :: takes(h, g, 0) -> i = 0
    :: takes(h, g, 1) -> i = 1
    :: takes(h, g, 2) -> i = 2
    fi;
    assert(knows_admission[h]); /* nothing of strangers */
    best = held(h, i);
    held(h, i) = held(g, i);
    if
    :: c_expr { bug == 10 } && held(h, i) < SEQS - 1 -> held(h, i) = held(h, i) + 1 /* a relay says more than was signed */
    :: else
    fi;
    turns_see(h, i, best, held(h, i))
}

/* What is held beyond the end goes, to be pulled again up to there. */
#define drops(h) (knows_revocation[h] && c_expr { bug != 4 } && (held(h, 0) > end[0] || held(h, 1) > end[1] || \
    held(h, 2) > end[2]))
inline streams_drop(h)
{
    i = 0;
    do
    :: i < INCARNATIONS ->
        if
        :: held(h, i) > end[i] -> held(h, i) = 0
        :: else
        fi;
        i++
    :: else -> break
    od
}

inline revocation_write() /* C names what it holds */
{
    i = 0;
    do
    :: i < INCARNATIONS -> end[i] = held(C, i); i++
    :: else -> break
    od;
    knows_revocation[C] = true
}

inline hub_lose()
{
    i = 0;
    do
    :: i < INCARNATIONS -> held(H, i) = 0; i++
    :: else -> break
    od;
    floors_lower();
    knows_admission[H] = false;
    knows_revocation[H] = false;
    knows_fork[H] = false;
    losses++
}

inline rest_check()
{
    i = 0;
    do
    :: i < INCARNATIONS ->
        assert(held(C, i) == held(H, i));
        if
        :: knows_revocation[C] -> assert(held(H, i) <= end[i] && knows_revocation[H])
        :: else ->
            assert(held(H, i) >= acked[i]); /* nothing lost */
            assert(held(H, i) <= issued[i]); /* nothing that was never recorded */
            assert(!knows_admission[W] || held(W, i) == held(H, i));
            assert(!has_copy || held(COPY, i) == held(H, i))
        fi;
        i++
    :: else -> break
    od;
    assert(knows_fork[C] == knows_fork[H])
}

#define may_record(m) (!calm && !waits[m] && records < records_max && knows_admission[m] && \
    (living[m] == NOBODY && begun < INCARNATIONS || living[m] != NOBODY && held(m, living[m]) < SEQS - 1))
#define may_move(h, g) (moves(h, g) || tells(g, h))

init {
    byte i, n, best;

    c_code {
        bug = getenv("BUG") ? atoi(getenv("BUG")) : 0;
        now.records_max = getenv("RECORDS") ? atoi(getenv("RECORDS")) : 3;
    };
    do
    :: atomic { !calm && !knows_admission[C] -> knows_admission[C] = true; knows_admission[W] = true } /* a join */
    :: atomic { may_record(W) -> record_make(W) }
    :: atomic { has_copy && may_record(COPY) -> record_make(COPY) }
    :: atomic { waits[W] -> commit_make(W) }
    :: atomic { waits[COPY] -> commit_make(COPY) }
    :: atomic { !calm && living[W] != NOBODY && restores < 1 -> machine_stop(W); restores++ }
    :: atomic { !calm && !has_backup && begun > 0 ->
        i = 0; do :: i < INCARNATIONS -> backup[i] = held(W, i); i++ :: else -> break od; has_backup = true }
    :: atomic { !calm && has_backup && restores < 1 -> restore_make() }
    :: atomic { !calm && !has_copy && begun > 0 && !waits[W] -> copy_make() }
    :: atomic { !calm && knows_admission[C] && !knows_revocation[C] && begun > 0 -> revocation_write() }
    :: atomic { !calm && losses < 1 && knows_admission[H] -> hub_lose() }
    :: atomic { may_move(C, W) -> roster_tell(W, C); if :: moves(C, W) -> stream_take(C, W) :: else fi }
    :: atomic { may_move(W, C) -> roster_tell(C, W); if :: moves(W, C) -> stream_take(W, C) :: else fi }
    :: atomic { has_copy && may_move(C, COPY) -> roster_tell(COPY, C); if :: moves(C, COPY) -> stream_take(C, COPY) :: else fi }
    :: atomic { has_copy && may_move(COPY, C) -> roster_tell(C, COPY); if :: moves(COPY, C) -> stream_take(COPY, C) :: else fi }
    :: atomic { may_move(H, C) -> roster_tell(C, H); if :: moves(H, C) -> stream_take(H, C) :: else fi }
    :: atomic { may_move(C, H) -> roster_tell(H, C); if :: moves(C, H) -> stream_take(C, H) :: else fi }
    :: atomic { may_move(H, W) && (knows_admission[H] || c_expr { bug == 3 }) -> news_tell(W, H); if :: moves(H, W) -> stream_take(H, W) :: else fi }
    :: atomic { may_move(W, H) && knows_admission[H] -> roster_tell(H, W); if :: moves(W, H) -> stream_take(W, H) :: else fi }
    :: atomic { drops(C) -> streams_drop(C) }
    :: atomic { drops(H) -> streams_drop(H) }
    :: atomic { !calm -> calm = true }
    :: calm && !waits[W] && !waits[COPY] && !may_move(C, W) && !may_move(W, C) && !(has_copy && (may_move(C, COPY) || may_move(COPY, C))) &&
        !may_move(H, C) && !may_move(C, H) && !(may_move(H, W) && (knows_admission[H] || c_expr { bug == 3 })) &&
        !(may_move(W, H) && knows_admission[H]) && !drops(C) && !drops(H) -> break
    od;
    atomic { rest_check(); rest = true }
}

ltl settles { [] (calm -> <> rest) }
