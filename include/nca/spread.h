/* A mean and how far values lie around it. */
#ifndef NCA_SPREAD_H
#define NCA_SPREAD_H

/* Mean and sample standard deviation (n - 1). The deviation of a single value is NaN; equal values,
 * infinite ones too, deviate by 0. */
typedef struct nca_spread {
    double mean, deviation;
} nca_spread;

#endif
