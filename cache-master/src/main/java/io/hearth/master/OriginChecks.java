package io.hearth.master;

import io.hearth.objectstore.ObjectStoreFactory;
import io.hearth.objectstore.OriginCheck;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.api.CheckReport;
import io.hearth.protocol.api.CheckReport.Finding;
import io.hearth.protocol.settings.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Tries a dataset's origins live, all at the same time, before anything is saved. Blocks, within a bound. */
final class OriginChecks {
    private final OriginCheck check;
    private final CredentialReferences credentials;
    private final Duration timeout;

    OriginChecks(ObjectStoreFactory stores, CredentialReferences credentials, MasterSettings settings) {
        this.check = new OriginCheck(stores);
        this.credentials = credentials;
        this.timeout = settings.checkTimeout();
    }

    CheckReport check(MountPlan plan) {
        long deadline = System.nanoTime() + timeout.toNanos();
        List<CompletableFuture<List<Finding>>> asked =
                plan.mounts().stream().map(this::ask).toList();
        List<Finding> findings = new ArrayList<>();
        for (int mount = 0; mount < asked.size(); mount++) {
            findings.addAll(await(plan.mounts().get(mount), asked.get(mount), deadline));
        }
        return new CheckReport(findings.stream().allMatch(Finding::ok), List.copyOf(findings));
    }

    private CompletableFuture<List<Finding>> ask(PlannedMount mount) {
        try {
            return check.check(new OriginAccess(mount.origin(), credentials.resolve(mount.credentials())));
        } catch (HearthException e) {
            return CompletableFuture.completedFuture(List.of(finding(mount, "credentials", e.getMessage())));
        }
    }

    private List<Finding> await(PlannedMount mount, CompletableFuture<List<Finding>> answer, long deadline) {
        try {
            return answer.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            return List.of(finding(mount, "endpoint", HearthException.of(e).getMessage()));
        } catch (TimeoutException e) {
            answer.cancel(true);
            String detail = "no answer within " + Durations.format(timeout)
                    + " (master.check-timeout): check the endpoint" + " and the network";
            return List.of(finding(mount, "endpoint", detail));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HearthException(FailureKind.UNAVAILABLE, "the master is shutting down", e);
        }
    }

    private static Finding finding(PlannedMount mount, String subject, String detail) {
        return new Finding(mount.mountPoint(), subject, false, detail);
    }
}
