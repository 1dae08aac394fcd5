#include "formats/csv_header.h"

#include <string.h>

#include "formats/text.h"

#define NAME_BYTES 40u

static const struct {
	const char *name; /* words joined by '_' */
	enum csv_column column;
} aliases[] = {
    {"value", CSV_VALUE},
    {"indicator", CSV_VALUE},
    {"indicators", CSV_VALUE},
    {"indicator_value", CSV_VALUE},
    {"data", CSV_VALUE},
    {"ioc", CSV_VALUE},
    {"iocs", CSV_VALUE},
    {"ioc_value", CSV_VALUE},
    {"observable", CSV_VALUE},
    {"observable_value", CSV_VALUE},
    {"entity", CSV_VALUE},
    {"entity_value", CSV_VALUE},
    {"artifact", CSV_VALUE},
    {"valor", CSV_VALUE},
    {"indicador", CSV_VALUE},
    {"type", CSV_TYPE},
    {"indicator_type", CSV_TYPE},
    {"entity_type", CSV_TYPE},
    {"ioc_type", CSV_TYPE},
    {"observable_type", CSV_TYPE},
    {"artifact_type", CSV_TYPE},
    {"tipo", CSV_TYPE},
    {"note", CSV_NOTE},
    {"notes", CSV_NOTE},
    {"description", CSV_NOTE},
    {"comment", CSV_NOTE},
    {"comments", CSV_NOTE},
    {"details", CSV_NOTE},
    {"context", CSV_NOTE},
    {"nota", CSV_NOTE},
    {"notas", CSV_NOTE},
    {"descripcion", CSV_NOTE},
    {"descripci\xc3\xb3n", CSV_NOTE},
    {"comentario", CSV_NOTE},
    {"title", CSV_TITLE},
    {"name", CSV_TITLE},
    {"tlp", CSV_TLP},
    {"marking", CSV_TLP},
    {"confidence", CSV_CONFIDENCE},
    {"confidence_level", CSV_CONFIDENCE},
    {"confianza", CSV_CONFIDENCE},
    {"severity", CSV_SEVERITY},
    {"severidad", CSV_SEVERITY},
    {"labels", CSV_LABELS},
    {"label", CSV_LABELS},
    {"tags", CSV_LABELS},
    {"tag", CSV_LABELS},
    {"etiquetas", CSV_LABELS},
    {"reference", CSV_LINK},
    {"references", CSV_LINK},
    {"source_url", CSV_LINK},
    {"link", CSV_LINK},
    {"links", CSV_LINK},
    {"valid_until", CSV_VALID_UNTIL},
    {"expiration", CSV_VALID_UNTIL},
    {"expires", CSV_VALID_UNTIL},
    {"first_seen", CSV_FIRST_SEEN},
    {"firstseen", CSV_FIRST_SEEN},
    {"first_seen_utc", CSV_FIRST_SEEN},
    {"last_seen", CSV_LAST_SEEN},
    {"lastseen", CSV_LAST_SEEN},
    {"last_seen_utc", CSV_LAST_SEEN},
    /* types of observables elsewhere, but no column of them here */
    {"file", CSV_OTHER},
    {"as", CSV_OTHER},
    {"vulnerability", CSV_OTHER},
};

static enum csv_column
column_of(struct bytes_view name, struct value_kind *kind)
{
	uint8_t joined[NAME_BYTES];
	size_t i;

	if (name.len > sizeof(joined) || name.len == 0)
		return CSV_OTHER;
	for (i = 0; i < name.len; i++)
		joined[i] = name.data[i] == ' ' || name.data[i] == '-' ? '_' : name.data[i];
	for (i = 0; i < sizeof(aliases) / sizeof(*aliases); i++) {
		if (text_is_word(bytes_view_of(joined, name.len), aliases[i].name))
			return aliases[i].column;
	}
	return value_kind_parse(name, kind) ? CSV_TYPED : CSV_OTHER;
}

/* "Distribution URL Observed": one of the words says what the column holds. */
static bool
kind_of_words(struct bytes_view name, struct value_kind *kind)
{
	static const char *const words[] = {"url", "urls", "domain", "domains", "hostname", "fqdn",
	    "ip", "ipv4", "ipv6", "md5", "sha1", "sha256", "sha512", "hash", "cve"};
	struct bytes_view word;
	size_t i;

	while (text_next_part(&name, " _-/()", &word)) {
		for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
			if (text_is_word(word, words[i]))
				return value_kind_parse(word, kind);
		}
	}
	return false;
}

static bool
has_column(const struct csv_header *header, enum csv_column column)
{
	uint32_t i;

	for (i = 0; i < header->count; i++) {
		if (header->columns[i] == column)
			return true;
	}
	return false;
}

static struct bytes_view
name_at(const struct csv_row *row, uint32_t i)
{
	return text_trim(text_without_bom(csv_row_field(row, i)));
}

static bool
is_data(struct bytes_view text)
{
	enum observable_type type;

	return text.len > 0 && observable_guess(text, &type);
}

bool
csv_header_read(const struct csv_row *row, struct csv_header *out)
{
	bool has_data = false;
	uint32_t i;

	*out = (struct csv_header){.count = row->count};
	for (i = 0; i < row->count; i++) {
		out->columns[i] = column_of(name_at(row, i), &out->kinds[i]);
		has_data = has_data || is_data(name_at(row, i));
	}
	if (has_column(out, CSV_VALUE))
		return true;
	if (has_data)
		return false; /* "a.example,domain" is no header that names a type */
	if (has_column(out, CSV_TYPED))
		return true;
	for (i = 0; i < row->count; i++) {
		if (out->columns[i] == CSV_OTHER && kind_of_words(name_at(row, i), &out->kinds[i]))
			out->columns[i] = CSV_TYPED;
	}
	return has_column(out, CSV_TYPED);
}

bool
csv_header_guess(const struct csv_row *row, struct csv_header *out)
{
	struct value_kind kind;
	uint32_t i;

	*out = (struct csv_header){.count = row->count};
	for (i = 0; i < row->count; i++) {
		struct bytes_view text = name_at(row, i);

		if (text.len == 0)
			continue;
		if (!has_column(out, CSV_VALUE) && is_data(text))
			out->columns[i] = CSV_VALUE;
		else if (!has_column(out, CSV_TYPE) && value_kind_parse(text, &kind))
			out->columns[i] = CSV_TYPE;
		else if (!has_column(out, CSV_NOTE))
			out->columns[i] = CSV_NOTE;
	}
	return has_column(out, CSV_VALUE) && has_column(out, CSV_TYPE);
}

bool
csv_header_is_line(struct bytes_view line)
{
	char separators[] = {csv_row_separator(line), '\0'};
	bool has_value = false, has_typed = false, has_data = false;
	struct bytes_view name;
	struct value_kind kind;
	uint32_t count = 0;

	line = text_trim(text_without_bom(line));
	while (text_next_part(&line, separators, &name)) {
		enum csv_column column;

		name = text_trim(name);
		if (name.len > 1 && name.data[0] == '"' && name.data[name.len - 1] == '"')
			name = text_trim(bytes_view_of(name.data + 1, name.len - 2));
		column = column_of(name, &kind);
		has_value = has_value || column == CSV_VALUE;
		has_typed = has_typed || column == CSV_TYPED;
		has_data = has_data || is_data(name);
		count++;
	}
	return count > 1 && (has_value || (has_typed && !has_data));
}
