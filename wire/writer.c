#include "wire/writer.h"

#include <assert.h>
#include <msgpack.h>

static int
append(void *context, const char *data, size_t len)
{
	bytes_append(context, data, len);
	return 0; /* the failure sticks in the buffer */
}

/* What fits the first byte of a form is written here, the rest by the packer. */
enum form { FORM_FIXMAP = 0x80, FORM_FIXARRAY = 0x90, FORM_FIXSTR = 0xa0 };

static msgpack_packer
packer_of(struct writer *writer)
{
	msgpack_packer packer;

	msgpack_packer_init(&packer, writer->out, append);
	return packer;
}

void
writer_open(struct writer *writer, struct bytes *out)
{
	writer->out = out;
}

enum err
writer_close(struct writer *writer)
{
	return writer->out->err;
}

void
writer_uint(struct writer *writer, uint64_t value)
{
	msgpack_packer packer;

	if (value <= 0x7f) {
		bytes_append_u8(writer->out, (uint8_t)value);
		return;
	}
	packer = packer_of(writer);
	(void)msgpack_pack_uint64(&packer, value);
}

void
writer_bool(struct writer *writer, bool value)
{
	msgpack_packer packer = packer_of(writer);

	(void)(value ? msgpack_pack_true(&packer) : msgpack_pack_false(&packer));
}

void
writer_bin(struct writer *writer, const void *data, size_t len)
{
	msgpack_packer packer = packer_of(writer);

	(void)msgpack_pack_bin(&packer, len);
	bytes_append(writer->out, data, len);
}

void
writer_str(struct writer *writer, struct bytes_view text)
{
	msgpack_packer packer = packer_of(writer);

	if (text.len <= 31)
		bytes_append_u8(writer->out, (uint8_t)(FORM_FIXSTR | text.len));
	else
		(void)msgpack_pack_str(&packer, text.len);
	bytes_append(writer->out, text.data, text.len);
}

void
writer_array(struct writer *writer, uint32_t count)
{
	msgpack_packer packer = packer_of(writer);

	if (count <= 15)
		bytes_append_u8(writer->out, (uint8_t)(FORM_FIXARRAY | count));
	else
		(void)msgpack_pack_array(&packer, count);
}

void
writer_map(struct writer *writer, uint32_t count)
{
	msgpack_packer packer = packer_of(writer);

	if (count <= 15)
		bytes_append_u8(writer->out, (uint8_t)(FORM_FIXMAP | count));
	else
		(void)msgpack_pack_map(&packer, count);
}

void
writer_raw(struct writer *writer, struct bytes_view value)
{
	assert(value.len > 0);
	bytes_append(writer->out, value.data, value.len);
}
