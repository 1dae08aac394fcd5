/*
 * import: a file of any format that is understood, read into drafts.
 */
#ifndef MALLA_CLI_IMPORT_H
#define MALLA_CLI_IMPORT_H

#include "cli/submit.h"
#include "wire/observable.h"

/* Format by its name, or NULL: as the file looks.  type: of plain values, or 0.  The exit code
   (said). */
int import_file(struct submit *submit, const char *path, const char *format_name,
    enum observable_type type);

#endif
