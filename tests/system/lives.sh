#!/usr/bin/env bash
# lives.sh: lives of a small federation (lives.py), drawn from seeds: records, syncs, sticks, kills, restored and copied databases, lost machines, changed
# keys, moves, another hub. The hub counts each event once. QANAT_LIVES="SEED..." runs others, of QANAT_LIVES_STEPS steps.
. "$(dirname "$0")/kit.sh"

for seed in ${QANAT_LIVES:-5 11}; do
    check "seed $seed: every event counts once, whatever happens to machines, keys and places" \
        python3 "$(dirname "$0")/lives.py" "$qanat" "$scratch" "$seed" "${QANAT_LIVES_STEPS:-36}"
done

finish
