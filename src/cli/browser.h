/* A browser, where there is one. */
#ifndef NCA_CLI_BROWSER_H
#define NCA_CLI_BROWSER_H

/* Asks the desktop to open an address; does nothing where there is no desktop. */
void browser_open(const char *address);

#endif
