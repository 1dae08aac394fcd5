/*
 * home: where one organisation's node keeps what is its own.
 *
 *     HOME/org               own card package (armoured): root documents and card
 *     HOME/founder           the operator who ran `malla init`, until the node has read it
 *     HOME/config            listen, credit, log
 *     HOME/keys/NAME.key     root, sign, envelope, transport, log, witness
 *     HOME/operators/N.key   the keys of operators on this machine
 *     HOME/store.db          the store
 *     HOME/store.db.erased   the ids of what was erased
 *     HOME/keyring.state     the last head that was signed
 *     HOME/api.sock          the operators' API
 *     HOME/lock              held by the running mallad
 */
#ifndef MALLA_BASE_HOME_H
#define MALLA_BASE_HOME_H

#include <stddef.h>

#include "base/bytes.h"

/* api.sock must fit sockaddr_un: 107 bytes */
#define HOME_PATH_MAX 96
#define HOME_FILE_MAX 256

struct home {
	char path[HOME_PATH_MAX + 1];
};

/* --home DIR (NULL: not given), else $MALLA_HOME, $STATE_DIRECTORY (systemd),
   $XDG_DATA_HOME/malla, ~/.local/share/malla.  ERR_TOO_LARGE: longer than a socket's path
   allows; ERR_USAGE: none can be told. */
MUST_CHECK enum err home_resolve(const char *given, struct home *out);
/* HOME/name; out has HOME_FILE_MAX bytes. */
void home_file(const struct home *home, const char *name, char out[HOME_FILE_MAX]);
/* HOME/keys/stem.key */
void home_key(const struct home *home, const char *stem, char out[HOME_FILE_MAX]);
/* HOME/operators/name.key */
void home_operator_key(const struct home *home, const char *name, char out[HOME_FILE_MAX]);
/* A whole file of at most out->cap_max bytes, appended to out.  ERR_NOT_FOUND, ERR_TOO_LARGE,
   ERR_SYSTEM (errno is kept). */
MUST_CHECK enum err home_read(const char *path, struct bytes *out);
/* Write a file anew, atomically and durably: a temporary file, fsync, rename, fsync of the
   folder. */
MUST_CHECK enum err home_write(const char *path, struct bytes_view content, unsigned mode);

#endif
