/* Compared with the CPU's fmaf before the other kernels are used (opencl_program.c). */
__kernel void check(__global float *out, __global const float *a, __global const float *b,
                    __global const float *c)
{
    const size_t i = get_global_id(0);
    float sum = c[i];
    for (int k = 0; k < 3; k++) {
        sum = fma(a[i], b[i], sum);
    }
    out[2 * i] = sum;
    out[2 * i + 1] = a[i] * b[i] + c[i]; /* two roundings: contraction is off */
}
