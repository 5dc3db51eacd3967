package io.hearth.objectstore.engine;

import io.hearth.protocol.Validator;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * Where the parts of a multipart upload meet, as far as its ETag tells: {@code "...-N"} says how many parts there are,
 * and clients upload in parts of whole MiB. A store reads a range inside one part faster than one across two.
 */
final class PartBorders {
    private static final Pattern PARTS = Pattern.compile("\"[0-9a-fA-F]{32}-([1-9][0-9]{0,4})\"");
    private static final long MIB = 1 << 20;
    /** What clients use: the least that S3 takes and its multiples, and powers of two. */
    private static final long[] CANDIDATES_MIB = {5, 8, 10, 15, 16, 20, 25, 32, 50, 64, 100, 128, 256, 512, 1024};

    private PartBorders() {}

    /** The size of a part; empty if the ETag does not tell, or several sizes fit. */
    static OptionalLong partBytes(Validator validator, long objectBytes) {
        if (!(validator instanceof Validator.StrongEtag etag)) {
            return OptionalLong.empty();
        }
        Matcher matcher = PARTS.matcher(etag.value());
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        long parts = Long.parseLong(matcher.group(1));
        long[] fitting = LongStream.of(CANDIDATES_MIB)
                .map(mib -> mib * MIB)
                .filter(bytes -> (objectBytes + bytes - 1) / bytes == parts)
                .toArray();
        return parts > 1 && fitting.length == 1 ? OptionalLong.of(fitting[0]) : OptionalLong.empty();
    }

    /**
     * The length, or less where a part ends in the second half of these bytes: that costs at most every second range.
     */
    static int cut(OptionalLong partBytes, long offset, int length) {
        if (partBytes.isEmpty()) {
            return length;
        }
        long border = (offset + length) / partBytes.getAsLong() * partBytes.getAsLong();
        return border - offset > length / 2 ? (int) (border - offset) : length;
    }
}
