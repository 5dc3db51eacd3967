package io.hearth.bench.lazy;

import io.hearth.testing.Content;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A file of weights as a loader knows it: a header of safetensors that names so many tensors of equal size, then noise.
 */
record SafetensorsContent(byte[] header, Content noise) implements Content {
    static SafetensorsContent of(long seed, long sizeBytes, int tensors) {
        long each = (sizeBytes - (1 << 20)) / tensors; // Less than is there: the header is far below 1 MiB.
        StringBuilder json = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
        for (int tensor = 0; tensor < tensors; tensor++) {
            json.append(",\"layer.")
                    .append(tensor)
                    .append(".weight\":{\"dtype\":\"U8\",\"shape\":[")
                    .append(each)
                    .append("],\"data_offsets\":[")
                    .append(tensor * each)
                    .append(',')
                    .append((tensor + 1) * each)
                    .append("]}");
        }
        byte[] text = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer header = ByteBuffer.allocate(Long.BYTES + text.length).order(ByteOrder.LITTLE_ENDIAN);
        return new SafetensorsContent(header.putLong(text.length).put(text).array(), Content.noise(seed, sizeBytes));
    }

    @Override
    public long sizeBytes() {
        return noise.sizeBytes();
    }

    @Override
    public void read(long offset, ByteBuffer target) {
        int fromHeader = (int) Math.max(0, Math.min(target.remaining(), header.length - offset));
        if (fromHeader > 0) {
            target.put(header, (int) offset, fromHeader);
        }
        noise.read(offset + fromHeader, target);
    }
}
