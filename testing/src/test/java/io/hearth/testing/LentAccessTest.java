package io.hearth.testing;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.hearth.objectstore.s3.SigningKeyRing;
import io.hearth.protocol.Credentials;
import io.hearth.protocol.OriginAccess;
import java.time.Duration;
import java.time.Instant;

/** The S3 store over the embedded server, with requests signed by the keys of a ticket instead of the secret. */
class LentAccessTest extends S3ObjectStoreTest {
    @Override
    OriginAccess access(OriginAccess full) {
        OriginAccess lent = SigningKeyRing.lend(full, Instant.now(), Duration.ofHours(6));
        assertInstanceOf(Credentials.SigningKeys.class, lent.credentials());
        return lent;
    }
}
