package io.hearth.objectstore.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hearth.protocol.Validator;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class PartBordersTest {
    private static final int MIB = 1 << 20;

    @Test
    void anETagWithItsPartsGivesTheirSizeWhereOnlyOneFits() {
        assertEquals(OptionalLong.of(5 * MIB), PartBorders.partBytes(etag(20), 100L * MIB));
        assertEquals(OptionalLong.of(16 * MIB), PartBorders.partBytes(etag(63), 63L * 16 * MIB - 7));
    }

    @Test
    void whatDoesNotTellOrTellsTwoThingsGivesNothing() {
        Validator plain = new Validator.StrongEtag("\"0123456789abcdef0123456789abcdef\"");
        assertEquals(OptionalLong.empty(), PartBorders.partBytes(plain, 100L * MIB));
        assertEquals(
                OptionalLong.empty(), PartBorders.partBytes(etag(2), 90L * MIB), "50 and 64 MiB both make two parts");
        assertEquals(OptionalLong.empty(), PartBorders.partBytes(etag(7), 100L * MIB), "no usual size makes seven");
        assertEquals(OptionalLong.empty(), PartBorders.partBytes(new Validator.LastModified(0), 100L * MIB));
    }

    @Test
    void cutsAtABorderInTheSecondHalfAlone() {
        OptionalLong five = OptionalLong.of(5 * MIB);
        assertEquals(5 * MIB, PartBorders.cut(five, 0, 8 * MIB));
        assertEquals(7 * MIB, PartBorders.cut(five, 8 * MIB, 8 * MIB));
        assertEquals(2 * MIB, PartBorders.cut(five, 4 * MIB, 2 * MIB), "a border in the first half costs a request");
        assertEquals(8 * MIB, PartBorders.cut(OptionalLong.empty(), 0, 8 * MIB));
    }

    private static Validator etag(int parts) {
        return new Validator.StrongEtag("\"0123456789abcdef0123456789abcdef-" + parts + "\"");
    }
}
