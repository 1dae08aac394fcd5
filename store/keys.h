/*
 * keys: the numbers of 64 bits by which records are found, in five spaces, each with tails and
 * runs of its own (docs/decisions/0008):
 *
 *     ids        the first 8 bytes of a record's id
 *     contents   the first 8 bytes of the content hash of an imported draft
 *     names      a hash of an observable's value, of a host and of each of its parents (of a
 *                domain, which is a value itself, of its parents alone)
 *     addresses  in order: 4 and the address, or 6 and the first 7 bytes of it; of a network,
 *                its first address
 *     words      a hash of a word of the text, of a label, of a host's topmost label: what many
 *                records have in common
 *
 * A key says where to look, never that it is so: several values may have one key, and of hashes
 * nobody can tell the value.  Hashes are seeded with the store's secret.
 *
 * The entries of words lead to blocks of KEYS_BLOCK records, so that what stands in all of them is
 * entered once; all others lead to one record.
 */
#ifndef MALLA_STORE_KEYS_H
#define MALLA_STORE_KEYS_H

#include "base/bytes.h"
#include "base/ids.h"
#include "wire/observable.h"

struct record;

enum keys_space { KEYS_IDS, KEYS_CONTENTS, KEYS_NAMES, KEYS_ADDRESSES, KEYS_WORDS };
#define KEYS_SPACES 5u

#define KEYS_BLOCK 16
/* of a host, counted from the topmost label, beside the whole host */
#define KEYS_LABELS_MAX 8u
#define KEYS_TOKENS_MAX 16u
/* of one text: it may not cost many times its own length */
#define KEYS_TEXT_WORDS_MAX 2048u

/* What an entry of this space says for a record; never 0. */
int64_t keys_number(enum keys_space space, int64_t record);
/* The records that a number says: the first, and how many from there; of a block some may not
   be there. */
int64_t keys_records(enum keys_space space, int64_t number, int64_t *count);

uint64_t keys_id(const struct record_id *id);
uint64_t keys_content(const struct hash *content);
uint64_t keys_value(uint64_t seed, struct bytes_view value);
uint64_t keys_label(uint64_t seed, struct bytes_view label);
uint64_t keys_word(uint64_t seed, struct bytes_view word);
/* Of records whose text has more words than are entered: every word may be among the others. */
uint64_t keys_many_words(uint64_t seed);
/* Of the hosts at or below this one but a domain of that value: names, or words where it has one label; *space says which.
   A host of more than KEYS_LABELS_MAX labels has the key of its parent with so many. */
uint64_t keys_host(uint64_t seed, struct bytes_view host, enum keys_space *space);

/* The addresses from first to last (observable_range's 16 bytes) as keys, both included. */
void keys_network(const uint8_t first[16], const uint8_t last[16], uint64_t *low, uint64_t *high);

/* What filters are told of a key, so that they can be asked for ranges of addresses too. */
uint64_t keys_token(uint64_t seed, enum keys_space space, uint64_t key);
/* Every token that keys in [low, high] can have; 0: there are too many to ask. */
uint32_t keys_tokens(uint64_t seed, enum keys_space space, uint64_t low, uint64_t high,
    uint64_t tokens[KEYS_TOKENS_MAX]);

/* Names, addresses and words of a record: what erasing takes away.  A key may come twice. */
typedef enum err (*keys_fn)(void *context, enum keys_space space, uint64_t key);
MUST_CHECK enum err keys_of_record(
    uint64_t seed, const struct record *decoded, keys_fn each, void *context);

#endif
