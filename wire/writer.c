#include "wire/writer.h"

#include <assert.h>
#include <msgpack.h>

static int
append(void *context, const char *data, size_t len)
{
	bytes_append(context, data, len);
	return 0; /* the failure sticks in the buffer */
}

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
	msgpack_packer packer = packer_of(writer);

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

	(void)msgpack_pack_str(&packer, text.len);
	bytes_append(writer->out, text.data, text.len);
}

void
writer_array(struct writer *writer, uint32_t count)
{
	msgpack_packer packer = packer_of(writer);

	(void)msgpack_pack_array(&packer, count);
}

void
writer_map(struct writer *writer, uint32_t count)
{
	msgpack_packer packer = packer_of(writer);

	(void)msgpack_pack_map(&packer, count);
}

void
writer_raw(struct writer *writer, struct bytes_view value)
{
	assert(value.len > 0);
	bytes_append(writer->out, value.data, value.len);
}
