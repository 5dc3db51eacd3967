package io.hearth.objectstore.s3;

import io.hearth.protocol.Credentials;
import io.hearth.protocol.Credentials.Keys;
import io.hearth.protocol.Credentials.SigningKeys;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.OriginSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.SortedMap;
import java.util.TreeMap;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;

/** Turns a dataset's secret keys into what may be lent to others: keys that stores take for some days alone. */
public final class SigningKeyRing {
    /** How far apart clocks may be: stores refuse what is signed 15 minutes from their own time. */
    private static final Duration SKEW = Duration.ofMinutes(15);

    private static final String ENDPOINTS_REGION = "us-east-1";
    private static final DateTimeFormatter DAY = DateTimeFormatter.BASIC_ISO_DATE;

    private SigningKeyRing() {}

    /**
     * The same access without its secret, for readers here as long as {@code lives} from {@code now} at least and until
     * midnight UTC after that at most; who presigns requests by it has them for up to seven days more. Anonymous access and that of the reader's own default chain stay as they are.
     *
     * @throws HearthException {@link FailureKind#INVALID} if neither the origin nor this process's environment names a region
     */
    public static OriginAccess lend(OriginAccess access, Instant now, Duration lives) {
        return access.credentials() instanceof Keys keys
                ? new OriginAccess(access.origin(), lend(keys, region(access.origin()), now, lives))
                : access;
    }

    private static Credentials lend(Keys keys, String region, Instant now, Duration lives) {
        LocalDate last = day(now.plus(lives));
        SortedMap<String, String> byDay = new TreeMap<>();
        for (LocalDate day = day(now.minus(SKEW)); !day.isAfter(last); day = day.plusDays(1)) {
            String name = DAY.format(day);
            byDay.put(name, DaySigner.key(keys.secretAccessKey(), name, region));
        }
        return new SigningKeys(keys.accessKeyId(), keys.sessionToken(), region, byDay);
    }

    private static LocalDate day(Instant time) {
        return time.atOffset(ZoneOffset.UTC).toLocalDate();
    }

    /** The region that requests of an origin are signed for. */
    static String region(OriginSpec origin) {
        return origin.region()
                .or(() -> origin.endpoint().map(endpoint -> ENDPOINTS_REGION))
                .orElseGet(SigningKeyRing::ofTheEnvironment);
    }

    private static String ofTheEnvironment() {
        try {
            return DefaultAwsRegionProviderChain.builder().build().getRegion().id();
        } catch (SdkClientException e) {
            throw new HearthException(
                    FailureKind.INVALID, "no region is known for an origin: name its region, or its endpoint", e);
        }
    }
}
