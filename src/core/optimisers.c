/* The table of optimisers. To add one: its function on arrays in its own file, like adam.c, and its
 * row here. */
#include "core/optimisers.h"

#include "nca/muon.h"

typedef struct optimiser_row {
    const char *name;
    size_t (*scratch)(const nca_automaton *automaton); /* floats; NULL: none */
    void (*update)(const nca__update *update);
} optimiser_row;

static void adam(const nca__update *update)
{
    nca_adam_update(update->parameters, update->m, update->v, update->gradient,
                    nca_parameter_count(update->automaton), &update->adam, update->rate, update->t);
}

static void muon(const nca__update *update)
{
    nca_muon_update(update->parameters, update->m, update->gradient, update->automaton,
                    update->adam.beta1, update->rate, update->scratch, update->kernels);
}

static const optimiser_row rows[] = {
    [NCA_OPTIMISER_ADAM] = {.name = "adam", .update = adam},
    [NCA_OPTIMISER_MUON] = {.name = "muon", .scratch = nca_muon_scratch, .update = muon},
};
_Static_assert(sizeof rows / sizeof *rows == NCA_OPTIMISER_COUNT, "every optimiser has a row");

const char *nca_optimiser_name(nca_optimiser optimiser)
{
    return (unsigned)optimiser < NCA_OPTIMISER_COUNT ? rows[optimiser].name : NULL;
}

size_t nca__optimiser_scratch(nca_optimiser optimiser, const nca_automaton *automaton)
{
    const optimiser_row *row = &rows[optimiser];
    return row->scratch != NULL ? row->scratch(automaton) * sizeof(float) : 0;
}

void nca__optimiser_update(nca_optimiser optimiser, const nca__update *update)
{
    rows[optimiser].update(update);
}
