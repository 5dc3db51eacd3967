package io.hearth.objectstore;

import io.hearth.objectstore.ObjectStore.ListPage;
import io.hearth.objectstore.ObjectStore.ListedObject;
import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.protocol.Credentials;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.OriginSpec;
import io.hearth.protocol.api.CheckReport.Finding;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Tries an origin: lists its prefix and reads one byte. Says which of endpoint, credentials, bucket and prefix is
 * wrong. Thread-safe; takes as long as the store's answer timeout at most.
 */
public final class OriginCheck {
    /** Subjects in the order of the findings; the first that is not ok ends the list. */
    private static final List<String> SUBJECTS = List.of("endpoint", "credentials", "bucket", "prefix");
    /** Keys among which an object to read is looked for. */
    private static final int KEYS = 100;

    private final ObjectStoreFactory stores;

    public OriginCheck(ObjectStoreFactory stores) {
        this.stores = stores;
    }

    /**
     * @return findings in the order endpoint, credentials, bucket, prefix, up to the first that is not ok; never fails
     */
    public CompletableFuture<List<Finding>> check(OriginAccess access) {
        ObjectStore store = stores.open(access);
        return store.list(access.origin().prefix(), Optional.empty(), KEYS)
                .thenCompose(page -> readOne(store, page).thenApply(nothing -> judge(access, page)))
                .exceptionally(failure -> failed(access, HearthException.of(failure)))
                .whenComplete((findings, never) -> store.close());
    }

    /** Listing and reading are different permissions. */
    private static CompletableFuture<Void> readOne(ObjectStore store, ListPage page) {
        Optional<ListedObject> object = page.objects().stream()
                .filter(candidate -> candidate.sizeBytes() > 0)
                .findFirst();
        return object.map(found -> store.get(
                                new RangeRequest(found.key(), found.validator(), found.sizeBytes(), 0, 1),
                                bytes -> CompletableFuture.completedStage(null))
                        // Changed since the listing: it can be read, which is what was asked.
                        .exceptionally(failure -> {
                            HearthException reason = HearthException.of(failure);
                            if (reason.kind() == FailureKind.STALE) {
                                return null;
                            }
                            throw reason;
                        }))
                .orElseGet(() -> CompletableFuture.completedFuture(null));
    }

    private static List<Finding> judge(OriginAccess access, ListPage page) {
        OriginSpec origin = access.origin();
        // A marker of the prefix itself is no content.
        boolean empty = page.next().isEmpty()
                && page.objects().stream().allMatch(object -> object.key().equals(origin.prefix()));
        List<Finding> findings = fine(access, SUBJECTS.size() - 1);
        findings.add(
                empty
                        ? new Finding(
                                origin.uri(),
                                "prefix",
                                false,
                                "no objects below " + origin.uri() + ": check the prefix, or put objects there first")
                        : new Finding(origin.uri(), "prefix", true, "has objects"));
        return List.copyOf(findings);
    }

    private static List<Finding> failed(OriginAccess access, HearthException failure) {
        int subject = switch (failure.kind()) {
            case DENIED -> 1;
            case NOT_FOUND, INVALID -> 2;
            default -> 0;
        };
        List<Finding> findings = fine(access, subject);
        findings.add(new Finding(access.origin().uri(), SUBJECTS.get(subject), false, failure.getMessage()));
        return List.copyOf(findings);
    }

    private static List<Finding> fine(OriginAccess access, int count) {
        OriginSpec origin = access.origin();
        boolean signed = !(access.credentials() instanceof Credentials.Anonymous);
        List<String> details = List.of(
                origin.endpoint().map(URI::toString).orElse("AWS S3") + " answers",
                signed ? "accepted" : "none, and none are needed",
                "'" + origin.bucket() + "' is there");
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            findings.add(new Finding(origin.uri(), SUBJECTS.get(i), true, details.get(i)));
        }
        return findings;
    }
}
