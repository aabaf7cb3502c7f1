#!/usr/bin/env bash
# lives.sh: lives of a small federation (lives.py), drawn from seeds: people import, learn, decide and publish; machines are killed, restored, copied, lost,
# moved, get other keys, another hub; sticks come late. Each event counts once, and nobody finds anything wrong. QANAT_LIVES="SEED..." runs others, of
# QANAT_LIVES_STEPS steps.
. "$(dirname "$0")/kit.sh"

for seed in ${QANAT_LIVES:-44 45}; do
    check "seed $seed: every event counts once, whatever happens to machines, keys and places" \
        python3 -B "$(dirname "$0")/lives.py" "$qanat" "$scratch" "$seed" "${QANAT_LIVES_STEPS:-20}"
done

finish
