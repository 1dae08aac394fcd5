/*
 * markdown: a note or an advisory from a Markdown file.
 *
 * The heading that it begins with is the title, what follows it the text.  Before it a block
 * between lines of three dashes may say title, lang, labels, tlp, severity, identifier (of an
 * advisory), sectors, each once, one "key: value" a line; lists are separated by commas.  With
 * a title in the block the text keeps its heading.
 */
#ifndef MALLA_FORMATS_MARKDOWN_H
#define MALLA_FORMATS_MARKDOWN_H

#include "formats/draft.h"

/* One draft of this kind (note or advisory).  ERR_FORMAT: refused, and the note says the line. */
MUST_CHECK enum err markdown_read(
    struct bytes_view text, enum record_kind kind, struct drafts *drafts);

#endif
