package io.hearth.testing;

import java.nio.ByteBuffer;

/** The bytes of a made-up object, readable at any offset. Immutable and thread-safe. */
public interface Content {
    long sizeBytes();

    /** Fills {@code target} with the bytes from {@code offset} on, which all lie within the content. */
    void read(long offset, ByteBuffer target);

    /** The bytes of a range. */
    default byte[] bytes(long offset, int length) {
        byte[] bytes = new byte[length];
        read(offset, ByteBuffer.wrap(bytes));
        return bytes;
    }

    static Content of(byte[] bytes) {
        byte[] own = bytes.clone();
        return new Content() {
            @Override
            public long sizeBytes() {
                return own.length;
            }

            @Override
            public void read(long offset, ByteBuffer target) {
                target.put(own, Math.toIntExact(offset), target.remaining());
            }
        };
    }

    /** Noise that depends on seed and offset alone: takes no memory, whatever the size. */
    static Content noise(long seed, long sizeBytes) {
        return new Content() {
            @Override
            public long sizeBytes() {
                return sizeBytes;
            }

            @Override
            public void read(long offset, ByteBuffer target) {
                long position = offset;
                while (target.hasRemaining()) {
                    long word = mix(seed + (position >>> 3));
                    if ((position & 7) == 0 && target.remaining() >= 8) {
                        target.putLong(word);
                        position += 8;
                    } else {
                        target.put((byte) (word >>> (56 - 8 * (position & 7))));
                        position++;
                    }
                }
            }
        };
    }

    /** The finalizer of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). */
    private static long mix(long value) {
        long mixed = value * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
