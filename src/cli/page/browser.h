/* A browser, where there is one. */
#ifndef NCA_CLI_PAGE_BROWSER_H
#define NCA_CLI_PAGE_BROWSER_H

/* Asks the desktop to open an address. Does nothing where there is no desktop, or where the address
 * holds a key: other users would read it in the list of processes. */
void browser_open(const char *address);

#endif
