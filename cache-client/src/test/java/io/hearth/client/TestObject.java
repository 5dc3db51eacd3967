package io.hearth.client;

import io.hearth.protocol.DatasetName;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.hearth.protocol.Validator;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;

/** An object with its bytes. */
public record TestObject(ObjectRef ref, byte[] bytes) {
    public static final RequestContext CONTEXT = new RequestContext("", new DatasetName("default", "models"), 0);

    public static TestObject random(String key, int sizeBytes) {
        byte[] bytes = new byte[sizeBytes];
        new Random(key.hashCode()).nextBytes(bytes);
        return new TestObject(new ObjectRef("origin-1", key, new Validator.StrongEtag("\"1\""), sizeBytes), bytes);
    }

    public byte[] range(long offset, int length) {
        return Arrays.copyOfRange(bytes, (int) offset, (int) offset + length);
    }

    public ByteBuffer buffer(long offset, int length) {
        return ByteBuffer.wrap(bytes, (int) offset, length).slice().asReadOnlyBuffer();
    }

    public int crc32c(long offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, (int) offset, length);
        return (int) crc.getValue();
    }
}
