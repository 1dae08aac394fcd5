/*
 * text: looking at pieces of foreign text: blanks, words, lines, UTF-8.
 */
#ifndef MALLA_FORMATS_TEXT_H
#define MALLA_FORMATS_TEXT_H

#include <stdbool.h>

#include "base/bytes.h"

bool text_is_blank(uint8_t letter); /* blank, tab, carriage return, line feed */
struct bytes_view text_trim(struct bytes_view text);
/* Without its first `len` bytes, which it must have. */
struct bytes_view text_behind(struct bytes_view text, size_t len);
struct bytes_view text_without_bom(struct bytes_view text);
bool text_begins(struct bytes_view text, const char *with);
bool text_is(struct bytes_view text, const char *word);
/* In any case of ASCII letters; the word is in lower case. */
bool text_is_word(struct bytes_view text, const char *word);
bool text_begins_word(struct bytes_view text, const char *word);
/* Take the next line, without its line feed, off the front; false: nothing is left. */
bool text_next_line(struct bytes_view *text, struct bytes_view *line);
/* Take the next part off the front, up to one of the separators; false: nothing is left.
 *text is NULL behind the last part. */
bool text_next_part(struct bytes_view *text, const char *separators, struct bytes_view *part);
/* The length of the UTF-8 character that text begins with; 0: it is none. */
size_t text_sequence(struct bytes_view text);
/* A short text for a message, in `out` of `size` bytes: control characters and what is no
   UTF-8 become '?'. */
void text_for_message(struct bytes_view text, char *out, size_t size);

#endif
