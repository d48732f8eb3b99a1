/* Samples of a session as pictures of a live page. */
#ifndef NCA_CLI_PAGE_LIVE_TILES_H
#define NCA_CLI_PAGE_LIVE_TILES_H

#include "cli/page/live_feed.h"

/* The batch before and after its rollout; nothing when the former is not kept. */
void live_tiles_batch(live_feed *feed, const nca_session *session);
/* Some samples of the pool, spread evenly over it; nothing when there is no pool. */
void live_tiles_pool(live_feed *feed, const nca_session *session);

#endif
