#include "formats/csv_row.h"

#include <stddef.h>
#include <string.h>

#include "formats/text.h"

void
csv_row_start(struct csv_row *row, FILE *file)
{
	memset(row, 0, offsetof(struct csv_row, raw));
	row->file = file;
	row->separator = ',';
	row->next_line = 1;
	row->pushed = EOF;
}

struct bytes_view
csv_row_peek(struct csv_row *row)
{
	int letter = 0;

	if (row->ahead_at == row->ahead_len) {
		row->ahead_at = row->ahead_len = 0;
		while (row->ahead_len < sizeof(row->ahead) && letter != '\n' &&
		       (letter = getc_unlocked(row->file)) != EOF)
			row->ahead[row->ahead_len++] = (uint8_t)letter;
	}
	return bytes_view_of(row->ahead + row->ahead_at, row->ahead_len - row->ahead_at);
}

void
csv_row_skip(struct csv_row *row, size_t len)
{
	row->ahead_at += len;
}

void
csv_row_skip_line(struct csv_row *row)
{
	bool has_end = row->ahead_len > 0 && row->ahead[row->ahead_len - 1] == '\n';
	int letter;

	row->ahead_at = row->ahead_len;
	while (!has_end && (letter = getc_unlocked(row->file)) != EOF)
		has_end = letter == '\n';
	row->next_line++;
}

static int
take_letter(struct csv_row *row)
{
	int letter = row->pushed;

	if (letter != EOF)
		row->pushed = EOF;
	else if (row->ahead_at < row->ahead_len)
		letter = row->ahead[row->ahead_at++];
	else
		letter = getc_unlocked(row->file);
	return letter;
}

/* The next byte of the row, which goes to the row as it stands. */
static int
next_letter(struct csv_row *row)
{
	int letter = take_letter(row);

	if (letter == EOF) {
		row->is_last = true;
		return EOF;
	}
	row->next_line += letter == '\n';
	if (row->raw_len < sizeof(row->raw))
		row->raw[row->raw_len++] = (uint8_t)letter;
	else
		row->is_too_long = true;
	return letter;
}

static void
put_text(struct csv_row *row, int letter)
{
	if (row->text_len < sizeof(row->text))
		row->text[row->text_len++] = (uint8_t)letter;
	else
		row->is_too_long = true;
}

static void
end_field(struct csv_row *row)
{
	if (row->count < CSV_COLUMNS_MAX)
		row->starts[++row->count] = row->text_len;
	else
		row->is_too_wide = true;
}

/* The inside of a quoted field and its closing quote; two quotes stand for one. */
static void
read_quoted(struct csv_row *row)
{
	int letter;

	while ((letter = next_letter(row)) != EOF) {
		if (letter == '"') {
			row->pushed = take_letter(row);
			if (row->pushed != '"')
				return;
			(void)next_letter(row);
		}
		put_text(row, letter);
	}
	row->is_unclosed = true;
}

bool
csv_row_next(struct csv_row *row)
{
	bool at_start = true;
	int letter;

	if (row->is_last)
		return false;
	row->line = row->next_line;
	row->raw_len = row->text_len = 0;
	row->count = 0;
	row->is_too_long = row->is_too_wide = false;
	while ((letter = next_letter(row)) != EOF && letter != '\n') {
		if (letter == row->separator) {
			end_field(row);
			at_start = true;
		} else if (letter == '"' && at_start) {
			if (!row->is_too_wide)
				row->text_len = row->starts[row->count];
			read_quoted(row);
			at_start = false;
		} else if (letter != '\r') {
			put_text(row, letter);
			at_start = at_start && (letter == ' ' || letter == '\t');
		}
	}
	end_field(row);
	while (row->raw_len > 0 &&
	       (row->raw[row->raw_len - 1] == '\n' || row->raw[row->raw_len - 1] == '\r'))
		row->raw_len--;
	return letter != EOF || row->raw_len > 0;
}

struct bytes_view
csv_row_field(const struct csv_row *row, uint32_t i)
{
	return text_trim(
	    bytes_view_of(row->text + row->starts[i], row->starts[i + 1] - row->starts[i]));
}

struct bytes_view
csv_row_raw(const struct csv_row *row)
{
	return bytes_view_of(row->raw, row->raw_len);
}

char
csv_row_separator(struct bytes_view line)
{
	static const char separators[] = {',', ';', '\t'};
	size_t best = 0, i, j;
	char found = ',';

	for (i = 0; i < sizeof(separators); i++) {
		bool is_quoted = false;
		size_t count = 0;

		for (j = 0; j < line.len; j++) {
			is_quoted ^= line.data[j] == '"';
			count += !is_quoted && line.data[j] == (uint8_t)separators[i];
		}
		if (count > best) {
			best = count;
			found = separators[i];
		}
	}
	return found;
}
