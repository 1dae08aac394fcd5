/*
 * ids: the fixed-size names of things, as structs so that mixing two up does not compile.
 */
#ifndef MALLA_BASE_IDS_H
#define MALLA_BASE_IDS_H

#include <stdint.h>

struct org_id { uint8_t bytes[32]; };       /* SHA-256 of an organisation's first root document */
struct record_id { uint8_t bytes[32]; };    /* SHA-256(0x00 || record bytes) */
struct community_id { uint8_t bytes[32]; }; /* hash of a community's first charter */
struct hash { uint8_t bytes[32]; };         /* SHA-256 of anything else; a node of a Merkle tree */
struct salt { uint8_t bytes[16]; };
struct nonce { uint8_t bytes[16]; };
struct transport_key { uint8_t bytes[32]; }; /* the public CURVE key of a node */

#endif
