package io.hearth.cluster;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.util.function.Supplier;
import org.apache.ignite.cluster.ClusterTopologyException;
import org.apache.ignite.transactions.TransactionDeadlockException;
import org.apache.ignite.transactions.TransactionOptimisticException;
import org.apache.ignite.transactions.TransactionRollbackException;
import org.apache.ignite.transactions.TransactionTimeoutException;

/** The one place where Ignite's exceptions become ours. */
final class IgniteFailures {
    private IgniteFailures() {}

    static <T> T translated(Supplier<T> call) {
        try {
            return call.get();
        } catch (RuntimeException e) {
            throw translate(e);
        }
    }

    static HearthException translate(RuntimeException failure) {
        if (failure instanceof HearthException ours) {
            return ours;
        }
        if (conflict(failure)) {
            return new HearthException(
                    FailureKind.TIMEOUT,
                    "the store is busy: other changes hold what this one needs; try again",
                    failure);
        }
        return new HearthException(
                FailureKind.UNAVAILABLE,
                "the cluster store is closed or has stopped (" + oneLine(failure) + "): the master's log says why",
                failure);
    }

    /** Whether another attempt of the transaction may succeed. */
    static boolean conflict(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof TransactionTimeoutException
                    || cause instanceof TransactionDeadlockException
                    || cause instanceof TransactionRollbackException
                    || cause instanceof TransactionOptimisticException
                    || cause instanceof ClusterTopologyException) {
                return true;
            }
        }
        return false;
    }

    static String oneLine(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        return message.lines().findFirst().orElse("");
    }
}
