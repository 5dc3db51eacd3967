package io.hearth.protocol;

import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FailureKindTest {
    private static final int EAGAIN = 11;

    @ParameterizedTest
    @EnumSource
    void noFailureTellsABlockingReaderToTryAtOnce(FailureKind kind) {
        assertNotEquals(EAGAIN, kind.errno());
    }
}
