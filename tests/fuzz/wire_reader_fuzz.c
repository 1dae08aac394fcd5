/* reader: whatever it accepts, msgpack-c reads too and writes back as the same bytes.  Only what
   was accepted is handed to msgpack-c, which must not see other bytes of strangers. */
#include "wire/reader.h"

#include <assert.h>
#include <msgpack.h>
#include <string.h>

#include "base/limits.h"
#include "wire/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect_agreement(struct bytes_view in)
{
	msgpack_unpacked unpacked;
	msgpack_sbuffer again;
	msgpack_packer packer;
	size_t at = 0;

	msgpack_unpacked_init(&unpacked);
	assert(msgpack_unpack_next(&unpacked, (const char *)in.data, in.len, &at) ==
	       MSGPACK_UNPACK_SUCCESS);
	assert(at == in.len);
	msgpack_sbuffer_init(&again);
	msgpack_packer_init(&packer, &again, msgpack_sbuffer_write);
	assert(msgpack_pack_object(&packer, unpacked.data) == 0);
	assert(again.size == in.len && memcmp(again.data, in.data, in.len) == 0);
	msgpack_sbuffer_destroy(&again);
	msgpack_unpacked_destroy(&unpacked);
}

/* Copy a value, one step at a time, as any decoder would walk it; the maps and arrays that are
   open stand on a stack. */
static void
copy_value(struct bytes_view in, struct writer *writer)
{
	struct {
		uint32_t left;
		bool is_map;
		struct reader_map map;
	} open[DEPTH_MAX + 1] = {{1, false, {0, false, 0}}};
	uint32_t depth = 0;
	struct reader reader;
	uint64_t key;

	reader_open(&reader, in);
	while (depth > 0 || open[0].left > 0) {
		uint8_t form;

		if (open[depth].left == 0) {
			depth--;
			continue;
		}
		open[depth].left--;
		if (open[depth].is_map) {
			assert(reader_key(&reader, &open[depth].map, &key));
			writer_uint(writer, key);
		}
		assert(reader.at < reader.end);
		form = *reader.at;
		if (form <= 0x7f || (form >= 0xcc && form <= 0xcf)) {
			writer_uint(writer, reader_uint(&reader, 0, UINT64_MAX));
		} else if (form == 0xc2 || form == 0xc3) {
			writer_bool(writer, reader_bool(&reader));
		} else if (form >= 0xc4 && form <= 0xc6) {
			struct bytes_view bin = reader_bin(&reader, 0, SIZE_MAX);

			writer_bin(writer, bin.data, bin.len);
		} else if ((form & 0xe0) == 0xa0 || (form >= 0xd9 && form <= 0xdb)) {
			writer_str(writer, reader_str(&reader, 0, SIZE_MAX, READER_PROSE));
		} else {
			assert(++depth <= DEPTH_MAX);
			open[depth].is_map = (form & 0xf0) == 0x80 || form >= 0xde;
			if (open[depth].is_map) {
				reader_map(&reader, &open[depth].map, UINT32_MAX);
				open[depth].left = open[depth].map.left;
				writer_map(writer, open[depth].left);
			} else {
				open[depth].left = reader_array(&reader, 0, UINT32_MAX);
				writer_array(writer, open[depth].left);
			}
		}
		assert(reader_is_ok(&reader));
	}
	assert(reader_close(&reader) == ERR_NONE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_view in = bytes_view_of(data, size), whole;
	struct writer writer;
	struct reader reader;
	struct bytes again;

	reader_open(&reader, in);
	whole = reader_raw(&reader);
	if (reader_close(&reader) != ERR_NONE) {
		assert(reader.err_at <= size);
		return 0;
	}
	assert(whole.data == data && whole.len == size);
	expect_agreement(in);
	bytes_init(&again, size);
	writer_open(&writer, &again);
	copy_value(in, &writer);
	assert(writer_close(&writer) == ERR_NONE);
	assert(bytes_view_is_equal(bytes_as_view(&again), in));
	bytes_release(&again);
	return 0;
}
