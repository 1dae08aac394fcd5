#include "store/observables.h"

#include <assert.h>
#include <string.h>

size_t
observables_host_key(struct bytes_view host, uint8_t *key)
{
	size_t end = host.len, out = 0, start;

	if (host.len == 0)
		return 0;
	for (;;) {
		for (start = end; start > 0 && host.data[start - 1] != '.'; start--)
			;
		memcpy(key + out, host.data + start, end - start);
		out += end - start;
		key[out++] = '.';
		if (start == 0)
			return out;
		end = start - 1;
	}
}

static size_t
append(uint8_t *key, size_t len, struct bytes_view view)
{
	memcpy(key + len, view.data, view.len);
	return len + view.len;
}

size_t
observables_key(const struct observable *observable, uint8_t key[OBSERVABLES_KEY_BYTES_MAX])
{
	const size_t address = OBSERVABLES_ADDRESS_BYTES;
	uint8_t last[OBSERVABLES_ADDRESS_BYTES];
	size_t len = 0;

	assert(observable->value.len <= OBSERVABLE_BYTES_MAX);
	switch (observable->type) {
	case OBSERVABLE_IPV4:
	case OBSERVABLE_IPV6:
		if (observable_range(observable, key, last))
			len = address;
		break;
	case OBSERVABLE_CIDR:
		if (observable_range(observable, key, key + address))
			len = 2 * address;
		break;
	case OBSERVABLE_DOMAIN:
		return observables_host_key(observable->value, key);
	case OBSERVABLE_URL:
	case OBSERVABLE_EMAIL:
		len = observables_host_key(observable_host(observable), key);
		key[len++] = '\0';
		break;
	case OBSERVABLE_MD5:
	case OBSERVABLE_SHA1:
	case OBSERVABLE_SHA256:
	case OBSERVABLE_SHA512:
	case OBSERVABLE_FILENAME:
	case OBSERVABLE_ASN:
	case OBSERVABLE_PHONE:
	case OBSERVABLE_CLABE:
	case OBSERVABLE_IBAN:
	case OBSERVABLE_CARD:
	case OBSERVABLE_CVE:
		break;
	}
	return append(key, len, observable->value);
}

/* "example.evil." back to "evil.example", into room. */
static bool
read_domain(struct bytes_view key, uint8_t room[OBSERVABLE_BYTES_MAX], struct bytes_view *value)
{
	uint8_t turned[OBSERVABLE_BYTES_MAX + 1];
	size_t len;

	if (key.len < 2 || key.len - 1 > OBSERVABLE_BYTES_MAX || key.data[key.len - 1] != '.')
		return false;
	len = observables_host_key(bytes_view_of(key.data, key.len - 1), turned);
	memcpy(room, turned, len - 1);
	*value = bytes_view_of(room, len - 1);
	return true;
}

bool
observables_value(uint64_t type, struct bytes_view key, uint8_t room[OBSERVABLE_BYTES_MAX],
    struct bytes_view *value)
{
	const uint8_t *zero;
	size_t skip = 0;

	if (key.len == 0)
		return false;
	if (type == OBSERVABLE_DOMAIN)
		return read_domain(key, room, value);
	if (type == OBSERVABLE_IPV4 || type == OBSERVABLE_IPV6) {
		skip = OBSERVABLES_ADDRESS_BYTES;
	} else if (type == OBSERVABLE_CIDR) {
		skip = 2 * OBSERVABLES_ADDRESS_BYTES;
	} else if (type == OBSERVABLE_URL || type == OBSERVABLE_EMAIL) {
		zero = memchr(key.data, '\0', key.len);
		skip = zero == NULL ? key.len : (size_t)(zero - key.data) + 1;
	}
	if (skip >= key.len)
		return false;
	*value = bytes_view_of(key.data + skip, key.len - skip);
	return true;
}
