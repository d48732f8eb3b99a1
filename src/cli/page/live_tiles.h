/* Samples of a session as pictures of a live page. */
#ifndef NCA_CLI_PAGE_LIVE_TILES_H
#define NCA_CLI_PAGE_LIVE_TILES_H

#include "cli/page/live_feed.h"

/* Sends the batch before and after its rollout; does nothing if the former is not kept. */
void live_tiles_batch(live_feed *feed, const nca_session *session);
/* Sends some samples of the pool, spread evenly over it; does nothing without a pool. */
void live_tiles_pool(live_feed *feed, const nca_session *session);

#endif
