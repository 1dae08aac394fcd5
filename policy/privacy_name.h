/*
 * privacy_name: names of persons, where a field says that it holds one, and the columns of a
 * table whose first line names them.
 */
#ifndef MALLA_POLICY_PRIVACY_NAME_H
#define MALLA_POLICY_PRIVACY_NAME_H

#include "policy/privacy_text.h"

/* A key ends at `end`.  Where it is sure that its values are names of persons, anything in letters
   is one; else it has to hold a name that many people have.  0: no value, else where it ends. */
size_t privacy_name_read(struct privacy_text *text, size_t end, bool is_sure);
/* The key from `start` to `end` may be a column's title, if it stands in the first line. */
void privacy_name_column(
    struct privacy_text *text, size_t start, size_t end, enum privacy_column what);
/* A line begins at `start`: look into its columns. */
void privacy_name_line(struct privacy_text *text, size_t start);

#endif
