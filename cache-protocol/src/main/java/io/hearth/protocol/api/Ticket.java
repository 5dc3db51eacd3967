package io.hearth.protocol.api;

import io.hearth.protocol.Credentials;
import io.hearth.protocol.Credentials.SigningKeys;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.OriginSpec;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Access to the origins of one dataset, for some hours: signing keys of days, never a secret key. Kept in memory only;
 * its {@code toString} shows nothing of it.
 *
 * @param expiresAtMs when to ask for a new one, in milliseconds since 1970
 */
public record Ticket(List<Grant> grants, long expiresAtMs) {
    /**
     * One origin's place and keys.
     *
     * @param auth {@code anonymous}, {@code signing-keys} or {@code default-chain}
     * @param signingKeys by day, as {@link Credentials.SigningKeys} has them
     */
    public record Grant(
            String origin,
            String bucket,
            String prefix,
            Optional<URI> endpoint,
            Optional<String> region,
            boolean pathStyle,
            String auth,
            Optional<String> accessKeyId,
            Optional<String> sessionToken,
            Map<String, String> signingKeys) {
        public Grant {
            signingKeys = signingKeys == null ? Map.of() : Map.copyOf(signingKeys);
        }

        @Override
        public String toString() {
            return "Grant[" + origin + ", redacted]";
        }
    }

    /** @param access without secret keys: a {@link Credentials.Keys} has no form here */
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
        if (credentials instanceof Credentials.Keys) {
            throw new IllegalArgumentException("a secret key goes into no ticket");
        }
        Optional<SigningKeys> keys =
                credentials instanceof SigningKeys signing ? Optional.of(signing) : Optional.empty();
        String auth = keys.isPresent()
                ? "signing-keys"
                : credentials instanceof Credentials.Anonymous ? "anonymous" : "default-chain";
        return new Grant(
                id,
                origin.bucket(),
                origin.prefix(),
                origin.endpoint(),
                keys.map(SigningKeys::region).or(origin::region),
                origin.pathStyle(),
                auth,
                keys.map(SigningKeys::accessKeyId),
                keys.flatMap(SigningKeys::sessionToken),
                keys.<Map<String, String>>map(SigningKeys::byDay).orElse(Map.of()));
    }

    private static OriginAccess access(Grant grant) {
        OriginSpec origin =
                new OriginSpec(grant.bucket(), grant.prefix(), grant.endpoint(), grant.region(), grant.pathStyle());
        Credentials credentials = switch (grant.auth()) {
            case "signing-keys" ->
                new SigningKeys(
                        grant.accessKeyId().orElseThrow(() -> unknown(grant)),
                        grant.sessionToken(),
                        grant.region().orElseThrow(() -> unknown(grant)),
                        new TreeMap<>(grant.signingKeys()));
            case "anonymous" -> new Credentials.Anonymous();
            case "default-chain" -> new Credentials.DefaultChain();
            // Not this node's own credentials by a guess: they would be shown to the ticket's endpoint.
            default -> throw unknown(grant);
        };
        return new OriginAccess(origin, credentials);
    }

    private static HearthException unknown(Grant grant) {
        return new HearthException(
                FailureKind.UNSUPPORTED_VERSION,
                "a ticket with access of the form '" + grant.auth()
                        + "', which this version does not know: upgrade it");
    }
}
