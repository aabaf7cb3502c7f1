#!/usr/bin/env bash
# lives.sh: lives of a small federation (lives.py), drawn from seeds: people import, learn, decide and publish; machines are killed, restored, copied, lost,
# moved, get other keys, another hub and other presidents; disks run full; sticks come late, or are all there is. Each event counts once, and nobody finds
# anything wrong. QANAT_LIVES="SEED..." runs others, of QANAT_LIVES_STEPS steps. Its small disks are mounted where nobody else sees them.
if [ -z "${QANAT_LIVES_INSIDE:-}" ] && unshare -m --propagation private true 2>/dev/null; then
    QANAT_LIVES_INSIDE=1 exec unshare -m --propagation private bash "$0"
fi
. "$(dirname "$0")/kit.sh"

for seed in ${QANAT_LIVES:-46 49}; do
    check "seed $seed: every event counts once, whatever happens to machines, keys and places" \
        python3 -B "$(dirname "$0")/lives.py" "$qanat" "$scratch" "$seed" "${QANAT_LIVES_STEPS:-20}"
done

finish
