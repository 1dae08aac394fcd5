/*
 * folders: a node's folder made, copied, hashed and removed.  A failure ends the process.
 */
#ifndef MALLA_TESTS_FAULT_FOLDERS_H
#define MALLA_TESTS_FAULT_FOLDERS_H

#include "base/ids.h"

#define FOLDERS_PATH_MAX 128

/* An empty folder of a new name. */
void folders_make(char out[FOLDERS_PATH_MAX]);
/* Away with it and whatever is in it. */
void folders_remove(const char *folder);
/* A whole node; keys are the same files under another name, for nobody writes them. */
void folders_copy(const char *from, const char *to);
/* Its keys alone. */
void folders_copy_keys(const char *from, const char *to);
/* Keys and a card are left, and nothing that a node made of them. */
void folders_forget_store(const char *folder);
/* What is in a node's files, but for what every start makes anew. */
void folders_hash(const char *folder, struct hash *out);

#endif
