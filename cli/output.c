#include "cli/output.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"

#define CELL_BYTES_MAX 4096
#define PROGRESS_MS 100u

/* Columns on a terminal: code points, which is right but for wide and combining ones. */
static int
width_of(const char *text)
{
	int width = 0;

	for (; *text != '\0'; text++) {
		if (*text == '\033') {
			while (*text != '\0' && *text != 'm')
				text++;
			if (*text == '\0')
				break;
			continue;
		}
		width += ((unsigned char)*text & 0xc0) != 0x80;
	}
	return width;
}

static void
add_cell(struct output_table *table, const char *text)
{
	char *copy;
	int column = (int)(table->count % (size_t)table->columns);

	if (table->err != ERR_NONE)
		return;
	if (table->count == table->cap) {
		size_t cap = table->cap == 0 ? 64 : table->cap * 2;
		char **grown = realloc(table->cells, cap * sizeof(*grown));

		if (grown == NULL) {
			table->err = ERR_MEMORY;
			return;
		}
		table->cells = grown;
		table->cap = cap;
	}
	copy = strdup(text);
	if (copy == NULL) {
		table->err = ERR_MEMORY;
		return;
	}
	table->cells[table->count++] = copy;
	if (width_of(copy) > table->widths[column])
		table->widths[column] = width_of(copy);
}

void
output_table_open(struct output_table *table, struct cli *cli, const char *const *heads)
{
	*table = (struct output_table){.cli = cli};
	while (heads[table->columns] != NULL)
		table->columns++;
	for (; *heads != NULL; heads++)
		add_cell(table, _(*heads));
}

void
output_table_cell(struct output_table *table, const char *format, ...)
{
	char text[CELL_BYTES_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	add_cell(table, text);
}

void
output_table_text(struct output_table *table, struct bytes_view text, int width_max)
{
	char cell[CELL_BYTES_MAX];
	bool is_cut = false;
	size_t i, len = 0;
	int width = 0;

	for (i = 0; i < text.len && len < sizeof(cell) - 8; i++) {
		uint8_t byte = text.data[i];

		if ((byte & 0xc0) != 0x80 && table->cli->has_color && width == width_max) {
			is_cut = true;
			break;
		}
		width += (byte & 0xc0) != 0x80;
		cell[len++] = byte < 0x20 || byte == 0x7f ? ' ' : (char)byte;
	}
	cell[len] = '\0';
	if (is_cut)
		memcpy(cell + len, "\xe2\x80\xa6", 4);
	add_cell(table, cell);
}

void
output_table_close(struct output_table *table)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		int column = (int)(i % (size_t)table->columns);
		bool is_last = column == table->columns - 1;

		if (table->count > (size_t)table->columns)
			printf("%s%*s", table->cells[i],
			    is_last ? 0 : table->widths[column] - width_of(table->cells[i]) + 2,
			    is_last ? "\n" : "");
		free(table->cells[i]);
	}
	free(table->cells);
	table->cells = NULL;
	table->count = 0;
}

const char *
output_tlp(const struct cli *cli, enum tlp tlp)
{
	/* FIRST TLP 2.0: RED #FF2B2B, AMBER #FFC000, GREEN #33FF00, CLEAR #FFFFFF on black */
	static const char *const colored[TLP_COUNT] = {
	    "\033[38;2;255;255;255;48;2;0;0;0mTLP:CLEAR\033[0m",
	    "\033[38;2;51;255;0;48;2;0;0;0mTLP:GREEN\033[0m",
	    "\033[38;2;255;192;0;48;2;0;0;0mTLP:AMBER\033[0m",
	    "\033[38;2;255;192;0;48;2;0;0;0mTLP:AMBER+STRICT\033[0m",
	    "\033[38;2;255;43;43;48;2;0;0;0mTLP:RED\033[0m",
	};

	return cli->has_color ? colored[tlp] : tlp_label(tlp);
}

static char *
next_buffer(void)
{
	static char buffers[4][72];
	static unsigned at;

	return buffers[at++ % 4];
}

const char *
output_time(uint64_t time_ms)
{
	char *text = next_buffer();

	if (time_ms == 0)
		return "-";
	clock_format(time_ms, text);
	text[10] = ' ';
	text[19] = 'Z';
	text[20] = '\0';
	return text;
}

const char *
output_full_id(const uint8_t id[32])
{
	char *text = next_buffer();

	hex_encode(id, 32, text);
	return text;
}

const char *
output_id(const uint8_t id[32])
{
	char *text = next_buffer();

	hex_encode(id, OUTPUT_SHORT_ID / 2, text);
	return text;
}

void
output_text(FILE *out, struct bytes_view text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		uint8_t byte = text.data[i];

		fputc((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f ? '?' : byte,
		    out);
	}
}

void
output_csv(FILE *out, struct bytes_view text, bool is_last)
{
	bool quote = false;
	size_t i;

	for (i = 0; i < text.len; i++)
		quote = quote || text.data[i] == '"' || text.data[i] == ',' ||
			text.data[i] == '\n' || text.data[i] == '\r';
	if (quote)
		fputc('"', out);
	if (text.len > 0 && strchr("=+-@\t", text.data[0]) != NULL)
		fputc('\'', out);
	for (i = 0; i < text.len; i++) {
		if (text.data[i] == '"')
			fputc('"', out);
		fputc(text.data[i], out);
	}
	if (quote)
		fputc('"', out);
	fputs(is_last ? "\r\n" : ",", out);
}

void
output_progress(const struct cli *cli, const char *what, uint64_t done, uint64_t total)
{
	static uint64_t shown_ms;
	uint64_t now = clock_steady_ms();

	if (!cli->is_terminal || cli->is_quiet || now < shown_ms + PROGRESS_MS)
		return;
	shown_ms = now;
	if (total > 0)
		fprintf(stderr, "\r%s %llu / %llu (%llu %%)\033[K", what, (unsigned long long)done,
		    (unsigned long long)total, (unsigned long long)(done * 100 / total));
	else
		fprintf(stderr, "\r%s %llu\033[K", what, (unsigned long long)done);
}

void
output_progress_end(const struct cli *cli)
{
	if (cli->is_terminal && !cli->is_quiet)
		fputs("\r\033[K", stderr);
}
