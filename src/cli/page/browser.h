/* Opening a browser. */
#ifndef NCA_CLI_PAGE_BROWSER_H
#define NCA_CLI_PAGE_BROWSER_H

/* Opens an address in the desktop's browser. Does nothing if there is no desktop, or if the address
 * contains a key: other users could read it in the list of processes. */
void browser_open(const char *address);

#endif
