/*
 * ciphertext: what one payload was encrypted to, held once however many envelopes end in it.
 */
#ifndef MALLA_NODE_CIPHERTEXT_H
#define MALLA_NODE_CIPHERTEXT_H

#include <stdint.h>

#include "base/bytes.h"

struct ciphertext;

/* A copy, held once by the caller; NULL: out of memory.  Two with one id are the same. */
MUST_CHECK struct ciphertext *ciphertext_make(struct bytes_view bytes, uint64_t id);
/* Held once more.  NULL is fine, in both. */
struct ciphertext *ciphertext_hold(struct ciphertext *ciphertext);
void ciphertext_release(struct ciphertext *ciphertext);
struct bytes_view ciphertext_view(const struct ciphertext *ciphertext);
uint64_t ciphertext_id(const struct ciphertext *ciphertext);

#endif
