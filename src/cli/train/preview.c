/* Several lines of half blocks that are redrawn in place. The preview only reads the batch, so it
 * does not change the bits of the training. */
#include "cli/train/preview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"
#include "cli/terminal_picture.h"

enum {
    MOST_SAMPLES = 4,
    MOST_LINES = 10
};

static const double pause_seconds = 0.5;

void preview_start(preview *p, bool wanted, const nca_target *target)
{
    const char *no_colour = getenv("NO_COLOR");
    memset(p, 0, sizeof *p);
    nca_view_default(&p->view);
    p->on = wanted && target != NULL && terminal_is_there() && terminal_is_unicode() &&
            (no_colour == NULL || *no_colour == 0);
    if (p->on) {
        p->view.background = nca_picture_background(target->rgba, target->height, target->width);
    }
}

/* The pictures of the first samples, in a row. */
static nca_status picture_of(nca_image **out, const preview *p, const nca_session *session,
                             nca_error *error)
{
    const nca_target *target = nca_session_target(session);
    const nca_automaton *automaton = &nca_session_result(session)->automaton;
    nca_image *pictures[MOST_SAMPLES] = {NULL};
    size_t count = 0;
    nca_status status = NCA_OK;
    for (; count < MOST_SAMPLES && status == NCA_OK; count++) {
        const float *state = nca_session_sample(session, count);
        if (state == NULL) {
            break;
        }
        status = nca_view_picture(&pictures[count], &p->view, automaton, state, NULL,
                                  target->height, target->width, error);
    }
    if (status == NCA_OK) {
        status = terminal_tiles(out, pictures, count, count, error);
    }
    for (size_t i = 0; i < MOST_SAMPLES; i++) {
        nca_image_destroy(pictures[i]);
    }
    return status;
}

/* Standard error is not buffered, so the lines are prepared first and written at once. */
static void draw(preview *p, const nca_image *row)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return;
    }
    const size_t high = terminal_height() / 3;
    if (p->lines > 0) {
        fprintf(out, "\033[%zuA", p->lines);
    }
    fputs("\r\033[J", out); /* also removes the progress line */
    nca_status status = terminal_picture(out, row, terminal_width() - 1,
                                         high < MOST_LINES ? high : MOST_LINES, true, NULL);
    if (fclose(out) == 0 && status == NCA_OK) {
        p->lines = 0;
        for (size_t i = 0; i < size; i++) {
            p->lines += text[i] == '\n';
        }
        status_picture(text, size);
    }
    free(text);
}

bool preview_show(preview *p, const nca_session *session)
{
    const double now = nca_seconds();
    if (!p->on || (p->last > 0 && now - p->last < pause_seconds)) {
        return false;
    }
    p->last = now;
    nca_image *row = NULL;
    /* A missing picture is no reason to end a training. */
    if (picture_of(&row, p, session, NULL) == NCA_OK) {
        draw(p, row);
    }
    nca_image_destroy(row);
    return true;
}
