package io.hearth.protocol.api;

import io.hearth.protocol.Credentials;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.OriginSpec;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Access to the origins of one dataset. Carries secrets: it goes over loopback only, into memory only, and its
 * {@code toString} shows none.
 *
 * @param expiresAtMs when to ask for a new one, in milliseconds since 1970
 */
public record Ticket(List<Grant> grants, long expiresAtMs) {
    /** One origin's place and keys; {@code auth} is {@code anonymous}, {@code keys} or {@code default-chain}. */
    public record Grant(
            String origin,
            String bucket,
            String prefix,
            Optional<URI> endpoint,
            Optional<String> region,
            boolean pathStyle,
            String auth,
            Optional<String> accessKeyId,
            Optional<String> secretAccessKey,
            Optional<String> sessionToken) {
        @Override
        public String toString() {
            return "Grant[" + origin + ", redacted]";
        }
    }

    public static Ticket of(Map<String, OriginAccess> access, long expiresAtMs) {
        List<Grant> grants = access.entrySet().stream()
                .map(entry -> grant(entry.getKey(), entry.getValue()))
                .toList();
        return new Ticket(grants, expiresAtMs);
    }

    /** The grants by origin id. */
    public Map<String, OriginAccess> access() {
        return grants.stream().collect(Collectors.toUnmodifiableMap(Grant::origin, Ticket::access));
    }

    private static Grant grant(String id, OriginAccess access) {
        OriginSpec origin = access.origin();
        Credentials credentials = access.credentials();
        Optional<Credentials.Keys> keys = credentials instanceof Credentials.Keys k ? Optional.of(k) : Optional.empty();
        String auth = keys.isPresent()
                ? "keys"
                : credentials instanceof Credentials.Anonymous ? "anonymous" : "default-chain";
        return new Grant(
                id,
                origin.bucket(),
                origin.prefix(),
                origin.endpoint(),
                origin.region(),
                origin.pathStyle(),
                auth,
                keys.map(Credentials.Keys::accessKeyId),
                keys.map(Credentials.Keys::secretAccessKey),
                keys.flatMap(Credentials.Keys::sessionToken));
    }

    private static OriginAccess access(Grant grant) {
        OriginSpec origin =
                new OriginSpec(grant.bucket(), grant.prefix(), grant.endpoint(), grant.region(), grant.pathStyle());
        Function<Optional<String>, String> required = value -> value.orElse("");
        Credentials credentials = switch (grant.auth()) {
            case "keys" ->
                new Credentials.Keys(
                        required.apply(grant.accessKeyId()),
                        required.apply(grant.secretAccessKey()),
                        grant.sessionToken());
            case "anonymous" -> new Credentials.Anonymous();
            default -> new Credentials.DefaultChain();
        };
        return new OriginAccess(origin, credentials);
    }
}
