/* The update of cells and which of them fire: part of vector_kernels.h, which includes this file.
 */

static void advance(const nca__advance *job)
{
    const vec step = vec_set1(job->step);
    for (size_t i = 0; i < job->count; i++) {
        for (size_t c = 0; c < job->channels; c += LANES) {
            size_t at = job->cells[i] + c;
            vec dx = vec_load(job->dx + i * job->channels + c);
            vec_store(job->y + at, vec_fma(step, dx, vec_load(job->x + at)));
        }
    }
}

static void collect(const nca__collect *job)
{
    const vec step = vec_set1(job->step);
    const vec nothing = vec_set1(-0.0f); /* what changes no product, not even a zero's sign */
    for (size_t i = 0; i < job->count; i++) {
        for (size_t c = 0; c < job->channels; c += LANES) {
            vec d = vec_load(job->d + job->cells[i] + c);
            vec_store(job->dx + i * job->channels + c, vec_fma(step, d, nothing));
        }
    }
}

/* Philox4x32-10 on LANES consecutive counters; each lane's four answers become the four bytes of a
 * word, which little-endian memory puts in the order that the scalar kernel writes. */
NCA_INLINE ivec fire_lanes(ivec index, const nca__fire *job)
{
    ivec word[4] = {index, ivec_set1(job->counter[1]), ivec_set1(job->counter[2]),
                    ivec_set1(job->counter[3])};
    uint32_t key0 = job->key[0];
    uint32_t key1 = job->key[1];
    for (int round = 0; round < 10; round++) {
        ivec high0;
        ivec low0;
        ivec high2;
        ivec low2;
        ivec_multiply(&high0, &low0, word[0], ivec_set1(0xD2511F53u));
        ivec_multiply(&high2, &low2, word[2], ivec_set1(0xCD9E8D57u));
        word[0] = ivec_xor(ivec_xor(high2, word[1]), ivec_set1(key0));
        word[1] = low2;
        word[2] = ivec_xor(ivec_xor(high0, word[3]), ivec_set1(key1));
        word[3] = low0;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    ivec threshold = ivec_set1(job->threshold);
    ivec fired = ivec_set1(0);
    for (int lane = 0; lane < 4; lane++) {
        ivec below = ivec_below(ivec_shift_right(word[lane], 8), threshold);
        fired = ivec_or(fired, ivec_and(below, ivec_set1(1u << (8 * lane))));
    }
    return fired;
}

static void fire(const nca__fire *job)
{
    size_t i = 0;
    for (; i + LANES <= job->blocks; i += LANES) {
        ivec index = ivec_add(ivec_set1(job->counter[0] + (uint32_t)i), ivec_ramp());
        ivec_store(job->fired + 4 * i, fire_lanes(index, job));
    }
    if (i < job->blocks) {
        uint8_t last[4 * LANES];
        ivec index = ivec_add(ivec_set1(job->counter[0] + (uint32_t)i), ivec_ramp());
        ivec_store(last, fire_lanes(index, job));
        for (size_t k = 0; k < 4 * (job->blocks - i); k++) {
            job->fired[4 * i + k] = last[k];
        }
    }
}
