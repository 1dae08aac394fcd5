#include "cli/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "cli/output.h"
#include "wire/root.h"

static void
copy_name(char to[NAME_BYTES_MAX + 1], struct bytes_view name)
{
	size_t len = name.len < NAME_BYTES_MAX ? name.len : NAME_BYTES_MAX;

	if (len > 0)
		memcpy(to, name.data, len);
	to[len] = '\0';
}

int
names_load(struct cli *cli, struct client *client, struct names *out)
{
	static const struct empty_body nothing;
	struct names_entry *self = &out->at[0];
	struct peer_list_body body;
	struct status_body status;
	struct peer_entry entry;
	int code = client_ask(cli, client, REQUEST_STATUS, &request_empty_schema, &nothing,
	    &request_status_schema, &status);

	out->count = 0;
	if (code != 0)
		return code;
	*self = (struct names_entry){.is_self = true};
	memcpy(self->org.bytes, status.org, sizeof(self->org.bytes));
	copy_name(self->name, status.name);
	out->count = 1;
	code = client_ask(cli, client, REQUEST_PEER_LIST, &request_empty_schema, &nothing,
	    &request_peer_list_schema, &body);
	while (code == 0 && out->count <= PEERS_MAX &&
	       schema_list_next(&body.peers, &request_peer_entry_schema, &entry) == ERR_NONE) {
		struct names_entry *next = &out->at[out->count++];

		*next = (struct names_entry){
		    .is_peer = entry.added_ms != 0, .is_removed = entry.is_removed};
		memcpy(next->org.bytes, entry.org, sizeof(next->org.bytes));
		copy_name(next->name, entry.name);
	}
	return code;
}

const char *
names_of(const struct names *names, const uint8_t org[32])
{
	uint32_t i;

	for (i = 0; i < names->count; i++) {
		if (memcmp(names->at[i].org.bytes, org, 32) == 0)
			return names->at[i].name;
	}
	return output_id(org);
}

static bool
is_prefix_of_id(const struct names_entry *entry, const char *text)
{
	char id[65];
	size_t len = strlen(text), i;

	if (len < 8 || len > 64)
		return false;
	hex_encode(entry->org.bytes, sizeof(entry->org.bytes), id);
	for (i = 0; i < len; i++) {
		if ((text[i] | 0x20) != id[i] && text[i] != id[i])
			return false;
	}
	return true;
}

/* Digits and blanks, as the fingerprint is shown, blanks put aside. */
static bool
is_fingerprint_of(const struct names_entry *entry, const char *text)
{
	char fingerprint[FINGERPRINT_BYTES];
	const char *a = fingerprint, *b = text;

	root_fingerprint(&entry->org, fingerprint);
	for (;;) {
		while (*a == ' ')
			a++;
		while (*b == ' ' || *b == '-')
			b++;
		if (*a != *b)
			return false;
		if (*a == '\0')
			return true;
		a++;
		b++;
	}
}

static uint32_t
match(const struct names *names, const char *text, const struct names_entry **found)
{
	uint32_t i, fits = 0;

	*found = NULL;
	for (i = 0; i < names->count; i++) {
		const struct names_entry *entry = &names->at[i];

		if (strcmp(entry->name, text) != 0 && !is_prefix_of_id(entry, text) &&
		    !is_fingerprint_of(entry, text))
			continue;
		*found = entry;
		fits++;
	}
	return fits;
}

uint32_t
names_count(const struct names *names, const char *text)
{
	const struct names_entry *found;

	return match(names, text, &found);
}

const struct names_entry *
names_find(const struct names *names, const char *text)
{
	const struct names_entry *found;
	uint32_t fits = match(names, text, &found);

	if (fits == 1)
		return found;
	if (fits > 1)
		cli_complain(
		    _("'%s' fits more than one organisation: use the id (malla peer list)"), text);
	else
		cli_complain(_("no organisation '%s' is known: see malla peer list"), text);
	return NULL;
}

/* ---------------------------------------------------------------- look-alikes */

/* One plain letter for what looks like it: case, accents of Latin-1, digits, blanks dropped. */
static char
plain_letter(unsigned char first, unsigned char second)
{
	static const char latin[] =
	    "aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo*ouuuuypy";

	if (first == 0xc3 && second >= 0x80 && second < 0xc0)
		return latin[second - 0x80];
	if (first >= 'A' && first <= 'Z')
		first |= 0x20;
	if (first == '0')
		return 'o';
	if (first == '1' || first == 'i' || first == '|')
		return 'l';
	return (char)first;
}

static size_t
make_plain(const char *name, char *out, size_t size)
{
	size_t len = 0;

	for (; *name != '\0' && len < size - 1; name++) {
		unsigned char byte = (unsigned char)*name;

		if (byte == ' ' || byte == '-' || byte == '_' || byte == '.' || byte == ',')
			continue;
		if (byte == 0xc3 && name[1] != '\0') {
			out[len] = plain_letter(byte, (unsigned char)name[1]);
			name++;
			if (out[len] == 'i')
				out[len] = 'l';
		} else {
			out[len] = plain_letter(byte, 0);
		}
		/* r n looks like m, v v like w */
		if (len > 0 && out[len] == 'n' && out[len - 1] == 'r')
			out[--len] = 'm';
		else if (len > 0 && out[len] == 'v' && out[len - 1] == 'v')
			out[--len] = 'w';
		len++;
	}
	out[len] = '\0';
	return len;
}

bool
names_look_alike(const char *a, const char *b)
{
	char one[NAME_BYTES_MAX + 1], two[NAME_BYTES_MAX + 1];
	size_t one_len = make_plain(a, one, sizeof(one)), two_len = make_plain(b, two, sizeof(two));
	size_t same = 0, tail = 0, shorter = one_len < two_len ? one_len : two_len;

	if (one_len > two_len + 1 || two_len > one_len + 1)
		return false;
	while (same < shorter && one[same] == two[same])
		same++;
	while (tail < shorter - same && one[one_len - 1 - tail] == two[two_len - 1 - tail])
		tail++;
	if (one_len == two_len && same == one_len)
		return true;
	/* one letter more, less or other; too little to say so of very short names */
	return shorter >= 5 && same + tail >= (one_len > two_len ? one_len : two_len) - 1;
}
