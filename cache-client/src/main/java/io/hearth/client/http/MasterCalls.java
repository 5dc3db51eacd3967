package io.hearth.client.http;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.ResponseTimeoutException;
import com.linecorp.armeria.client.UnprocessedRequestException;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.StreamTimeoutException;
import com.linecorp.armeria.common.util.EventLoopGroups;
import io.hearth.client.ClientSettings;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.ErrorDocument;
import io.hearth.protocol.api.Json;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Sends calls to whichever master answers: the last that did first, then the others, in a bounded number of rounds with
 * growing pauses. A call that may not be repeated goes on to the next master only if the one before never got it.
 * Thread-safe; one thread of its own.
 */
final class MasterCalls implements AutoCloseable {
    private static final long PAUSE_MS = 100;

    private final List<URI> masters;
    private final List<WebClient> clients;
    private final ClientFactory factory;
    private final int roundsMax;
    private volatile int preferred;

    MasterCalls(List<URI> masters, ClientSettings settings) {
        if (masters.isEmpty()) {
            throw new HearthException(FailureKind.INVALID, "no master is named: pass --master URL");
        }
        this.masters = List.copyOf(masters);
        this.roundsMax = settings.masterRounds();
        this.factory = ClientFactory.builder()
                .workerGroup(EventLoopGroups.newEventLoopGroup(1, "hearth-master-client", true), true)
                .connectTimeout(settings.masterConnectTimeout())
                .build();
        this.clients = masters.stream()
                .map(master -> WebClient.builder(master).factory(factory).build())
                .toList();
    }

    /** The answer's body; any status of 400 or more is a failure. */
    CompletableFuture<byte[]> send(MasterCall call) {
        return send(call, new DocumentExchange(call));
    }

    /** What comes of {@code exchange}, with the first master that answers. */
    <T> CompletableFuture<T> send(MasterCall call, MasterExchange<T> exchange) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        attempt(new Attempts<>(call, exchange, preferred, answer), 0);
        return answer;
    }

    /** @param first the master that is tried first */
    private record Attempts<T>(MasterCall call, MasterExchange<T> exchange, int first, CompletableFuture<T> answer) {}

    private <T> void attempt(Attempts<T> attempts, int tried) {
        int master = (attempts.first() + tried) % clients.size();
        begin(attempts.exchange(), clients.get(master)).whenComplete((result, thrown) -> {
            CompletableFuture<T> answer = attempts.answer();
            if (thrown == null) {
                preferred = master;
                answer.complete(result);
                return;
            }
            Failure failure = translate(attempts.call(), masters.get(master), thrown);
            int next = tried + 1;
            boolean again = failure.neverSent()
                    || failure.elsewhere() && attempts.exchange().repeatable();
            if (answer.isDone()) {
                return;
            } else if (!again || next >= roundsMax * clients.size()) {
                answer.completeExceptionally(failure.exception());
            } else if (next % clients.size() != 0) {
                attempt(attempts, next);
            } else {
                pauseThenAttempt(attempts, next);
            }
        });
    }

    private <T> void pauseThenAttempt(Attempts<T> attempts, int next) {
        long longest = PAUSE_MS << Math.min(next / clients.size(), 5);
        long pauseMs = ThreadLocalRandom.current().nextLong(longest / 2, longest + 1);
        try {
            factory.eventLoopGroup().next().schedule(() -> attempt(attempts, next), pauseMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            attempts.answer()
                    .completeExceptionally(new HearthException(FailureKind.UNAVAILABLE, "the client is closed", e));
        }
    }

    private static <T> CompletableFuture<T> begin(MasterExchange<T> exchange, WebClient client) {
        try {
            return exchange.with(client);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** The failure that an answer of status 400 or more tells. */
    static HearthException failureOf(int status, byte[] body) {
        return errorOf(body).orElseGet(() -> foreign(kindOf(status), "answered with status " + status));
    }

    /** An answer that no Hearth master gives. */
    static HearthException foreign(FailureKind kind, String what) {
        return new HearthException(kind, what, new ForeignAnswer());
    }

    private static Optional<HearthException> errorOf(byte[] body) {
        try {
            ErrorDocument error = Json.read(body, ErrorDocument.class);
            return Optional.of(new HearthException(FailureKind.ofCode(error.code()), error.message()));
        } catch (HearthException e) {
            return Optional.empty();
        }
    }

    private static FailureKind kindOf(int status) {
        return switch (status) {
            case 404 -> FailureKind.NOT_FOUND;
            case 401, 403 -> FailureKind.DENIED;
            case 409 -> FailureKind.CONFLICT;
            case 429 -> FailureKind.OVERLOADED;
            default -> status < 500 ? FailureKind.INVALID : FailureKind.UNAVAILABLE;
        };
    }

    private Failure translate(MasterCall call, URI master, Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (cause instanceof HearthException ours) {
            boolean foreign = ours.getCause() instanceof ForeignAnswer;
            HearthException told = foreign
                    ? new HearthException(
                            ours.kind(),
                            "the master at " + master + " " + ours.getMessage() + " to " + call
                                    + ": is this a Hearth master?")
                    : ours;
            return new Failure(told, false, ours.kind() == FailureKind.UNAVAILABLE);
        }
        if (cause instanceof UnprocessedRequestException) {
            return new Failure(noMaster(cause), true, true);
        }
        if (cause instanceof ContentTooLargeException) {
            String line = "the answer of the master at " + master + " to " + call + " has more than "
                    + call.answerBytesMax() + " bytes";
            return new Failure(new HearthException(FailureKind.INVALID, line, cause), false, false);
        }
        if (cause instanceof ResponseTimeoutException) {
            String line = "the master at " + master + " did not answer " + call + " within "
                    + call.timeout().toMillis() + " ms";
            return new Failure(new HearthException(FailureKind.TIMEOUT, line, cause), false, true);
        }
        if (cause instanceof StreamTimeoutException) {
            String line = "the master at " + master + " sent nothing for "
                    + call.timeout().toMillis() + " ms during " + call;
            return new Failure(new HearthException(FailureKind.UNAVAILABLE, line, cause), false, true);
        }
        String line = "the connection to the master at " + master + " broke during " + call
                + (call.repeatable() ? "" : "; it may have been done: look before you repeat it");
        return new Failure(new HearthException(FailureKind.UNAVAILABLE, line, cause), false, true);
    }

    private HearthException noMaster(Throwable cause) {
        String all = masters.stream().map(URI::toString).collect(Collectors.joining(", "));
        return new HearthException(
                FailureKind.UNAVAILABLE,
                "no master answers at " + all + ": start one with 'hearth master' or pass --master URL",
                cause);
    }

    @Override
    public void close() {
        factory.closeAsync();
    }

    /** What came of an attempt: whether the master never got the call, and whether another may answer better. */
    private record Failure(HearthException exception, boolean neverSent, boolean elsewhere) {}

    /** Marks an answer that is no Hearth error document. */
    private static final class ForeignAnswer extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ForeignAnswer() {
            super(null, null, false, false);
        }
    }
}
