/* Internal: conversion of numbers to text and back, with the same bits, whatever locale the program
 * that uses the library has set. */
#ifndef NCA_BASE_NUMBER_H
#define NCA_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NCA__NUMBER_SIZE = 32 /* holds every formatted number and its final zero */
};

/* The whole text must be one decimal number: sign, digits, fraction, exponent ("-1.5e-3", "2.",
 * ".5"). No spaces, no hexadecimal, no "nan" or "inf", no overflow. Returns whether it is valid; if
 * not, the output is unchanged. Values that are too small become denormal or 0. */
bool nca__parse_double(const char *text, double *out_value);
/* The same for a float, rounded once. */
bool nca__parse_float(const char *text, float *out_value);
/* The whole text must be decimal digits that fit; no sign, no spaces. */
bool nca__parse_u64(const char *text, uint64_t *out_value);

/* Write the shortest decimal number that both parsers above read back with the same bits, and
 * return its length. A value that is not finite gives "nan", "inf" or "-inf", which the parsers
 * refuse. */
size_t nca__format_double(char out[NCA__NUMBER_SIZE], double value);
size_t nca__format_float(char out[NCA__NUMBER_SIZE], float value);
/* Writes at most this number of significant digits, up to 17, like "%.*g". */
size_t nca__format_digits(char out[NCA__NUMBER_SIZE], double value, int digits);
/* Writes this number of digits after the point, up to 9, like "%.*f"; for values below 1e15. */
size_t nca__format_decimals(char out[NCA__NUMBER_SIZE], double value, int decimals);

#endif
