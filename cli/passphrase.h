/*
 * passphrase: asked for on the terminal, without echo, kept in locked memory, wiped.
 */
#ifndef MALLA_CLI_PASSPHRASE_H
#define MALLA_CLI_PASSPHRASE_H

#include "base/bytes.h"

#define PASSPHRASE_BYTES_MAX 1024

struct passphrase {
	uint8_t text[PASSPHRASE_BYTES_MAX];
	size_t len;
};

void passphrase_init(struct passphrase *passphrase);
void passphrase_wipe(struct passphrase *passphrase);
struct bytes_view passphrase_view(const struct passphrase *passphrase);
/* From $CREDENTIALS_DIRECTORY/malla-passphrase, else from /dev/tty.  ERR_REFUSED: there is no
   terminal to ask on. */
MUST_CHECK enum err passphrase_ask(struct passphrase *passphrase, const char *prompt);

#endif
