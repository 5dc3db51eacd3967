package io.hearth.master;

import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStore.ListPage;
import io.hearth.objectstore.ObjectStoreFactory;
import io.hearth.protocol.Credentials;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.api.CheckReport;
import io.hearth.protocol.api.CheckReport.Finding;
import io.hearth.protocol.settings.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Tries a dataset's origins live, before anything is saved. Blocks, within a bound for each mount. */
final class OriginChecks {
    private final ObjectStoreFactory stores;
    private final CredentialReferences credentials;
    private final Duration timeout;

    OriginChecks(ObjectStoreFactory stores, CredentialReferences credentials, MasterSettings settings) {
        this.stores = stores;
        this.credentials = credentials;
        this.timeout = settings.checkTimeout();
    }

    CheckReport check(MountPlan plan) {
        List<Finding> findings = new ArrayList<>();
        for (PlannedMount mount : plan.mounts()) {
            findings.addAll(check(mount));
        }
        return new CheckReport(findings.stream().allMatch(Finding::ok), List.copyOf(findings));
    }

    private List<Finding> check(PlannedMount mount) {
        Credentials keys;
        try {
            keys = credentials.resolve(mount.credentials());
        } catch (HearthException e) {
            return List.of(new Finding(mount.mountPoint(), "credentials", false, e.getMessage()));
        }
        try (ObjectStore store = stores.open(new OriginAccess(mount.origin(), keys))) {
            ListPage page = store.list(mount.origin().prefix(), Optional.empty(), 1)
                    .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return reached(mount, !page.objects().isEmpty());
        } catch (ExecutionException e) {
            return List.of(failed(mount, HearthException.of(e)));
        } catch (TimeoutException e) {
            return List.of(failed(
                    mount,
                    new HearthException(
                            FailureKind.TIMEOUT,
                            "no answer within " + Durations.format(timeout) + " (master.check-timeout)")));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HearthException(FailureKind.UNAVAILABLE, "the master is shutting down", e);
        }
    }

    private static List<Finding> reached(PlannedMount mount, boolean anything) {
        String where = mount.mountPoint();
        String prefix = mount.origin().prefix();
        return List.of(
                new Finding(where, "endpoint", true, "answers"),
                new Finding(where, "credentials", true, mount.credentials().text() + " may list"),
                new Finding(where, "bucket", true, mount.origin().bucket() + " exists"),
                new Finding(
                        where,
                        "prefix",
                        anything || prefix.isEmpty(),
                        anything
                                ? "has keys"
                                : prefix.isEmpty()
                                        ? "the bucket is empty"
                                        : "no key starts with " + prefix + ": check the path"));
    }

    private static Finding failed(PlannedMount mount, HearthException failure) {
        String subject = switch (failure.kind()) {
            case DENIED -> "credentials";
            case NOT_FOUND -> "bucket";
            default -> "endpoint";
        };
        return new Finding(mount.mountPoint(), subject, false, failure.getMessage());
    }
}
