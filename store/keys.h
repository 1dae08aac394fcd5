/*
 * keys: the one ordered key space by which records are found.
 *
 *     'i'  first 8 bytes of a record's id
 *     'c'  first 8 bytes of the content hash of an imported draft
 *     'l'  a label
 *     'o'  type of an observable (1 byte), its key as observables.h has it
 *
 * Of ids and contents the key holds a part only: who looks one up compares the whole with the
 * record's row.
 */
#ifndef MALLA_STORE_KEYS_H
#define MALLA_STORE_KEYS_H

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "store/observables.h"

struct record;

enum key_space { KEY_CONTENT = 'c', KEY_ID = 'i', KEY_LABEL = 'l', KEY_OBSERVABLE = 'o' };

#define KEYS_HASH_BYTES 8u
#define KEYS_SHORT_BYTES (1u + KEYS_HASH_BYTES)
#define KEYS_BYTES_MAX (2u + OBSERVABLES_KEY_BYTES_MAX)
#define KEYS_CUTS_MAX 8u

/* Each writes the key and returns its length. */
size_t keys_id(const struct record_id *id, uint8_t key[KEYS_SHORT_BYTES]);
size_t keys_content(const struct hash *content, uint8_t key[KEYS_SHORT_BYTES]);
size_t keys_label(struct bytes_view label, uint8_t key[KEYS_BYTES_MAX]);
size_t keys_observable(const struct observable *observable, uint8_t key[KEYS_BYTES_MAX]);

/* The beginnings of a key that questions about ranges ask for: parent domains, networks.
   Ascending lengths, the whole key last; at least one. */
uint32_t keys_cuts(struct bytes_view key, size_t cuts[KEYS_CUTS_MAX]);
/* What every key in [low, high) begins with, if that is one of its cuts; 0: nothing such. */
size_t keys_range_cut(struct bytes_view low, struct bytes_view high);

/* The key stays when its record is erased: an id, a content. */
bool keys_is_lasting(struct bytes_view key);

typedef enum err (*keys_fn)(void *context, struct bytes_view key);
/* Every observable and label of a record: what erasing takes away. */
MUST_CHECK enum err keys_of_record(const struct record *decoded, keys_fn each, void *context);

#endif
