package io.hearth.client.http;

import io.hearth.client.ClientSettings;
import io.hearth.objectstore.net.SocketTransport;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.ErrorDocument;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.trust.ClusterToken;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
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
    private static final long CLOSE_MS_MAX = 2_000;

    private final List<URI> masters;
    private final List<MasterConnections> connections;
    private final EventLoopGroup loops;
    private final Optional<DnsAddressResolverGroup> names;
    private final int roundsMax;
    private volatile int preferred;

    MasterCalls(List<URI> masters, ClientSettings settings, ClusterToken token) {
        if (masters.isEmpty()) {
            throw new HearthException(FailureKind.INVALID, "no master is named: pass --master URL");
        }
        this.masters = List.copyOf(masters);
        this.roundsMax = settings.masterRounds();
        SocketTransport transport = SocketTransport.best();
        this.loops = transport.loops(1, "hearth-master-client");
        boolean addresses = masters.stream().map(MasterConnections::hostOf).allMatch(MasterConnections::isAddress);
        // Java's own look-up of names would block the loop.
        this.names = addresses
                ? Optional.empty()
                : Optional.of(new DnsAddressResolverGroup(
                        transport.datagrams(), DnsServerAddressStreamProviders.platformDefault()));
        Bootstrap bootstrap = new Bootstrap()
                .group(loops)
                .channel(transport.sockets())
                .resolver(names.<AddressResolverGroup<?>>map(group -> group).orElse(NoopAddressResolverGroup.INSTANCE))
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        settings.masterConnectTimeout().toMillis());
        this.connections = masters.stream()
                .map(master -> new MasterConnections(master, bootstrap, settings, token))
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
        int master = (attempts.first() + tried) % connections.size();
        begin(attempts.exchange(), connections.get(master)).whenComplete((result, thrown) -> {
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
            } else if (!again || next >= roundsMax * connections.size()) {
                answer.completeExceptionally(failure.exception());
            } else if (next % connections.size() != 0) {
                attempt(attempts, next);
            } else {
                pauseThenAttempt(attempts, next);
            }
        });
    }

    private <T> void pauseThenAttempt(Attempts<T> attempts, int next) {
        long longest = PAUSE_MS << Math.min(next / connections.size(), 5);
        long pauseMs = ThreadLocalRandom.current().nextLong(longest / 2, longest + 1);
        if (loops.isShuttingDown()) { // It would take the task, and never run it.
            attempts.answer().completeExceptionally(closed());
            return;
        }
        try {
            loops.schedule(() -> attempt(attempts, next), pauseMs, TimeUnit.MILLISECONDS)
                    .addListener(run -> {
                        if (run.isCancelled()) { // The loop has ended before its time came.
                            attempts.answer().completeExceptionally(closed());
                        }
                    });
        } catch (RejectedExecutionException e) {
            attempts.answer().completeExceptionally(closed());
        }
    }

    private static HearthException closed() {
        return new HearthException(FailureKind.UNAVAILABLE, "the client is closed");
    }

    private static <T> CompletableFuture<T> begin(MasterExchange<T> exchange, MasterConnections master) {
        try {
            return exchange.with(master);
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
        return cause instanceof CallFailure failed ? translate(call, master, failed) : broken(call, master, cause);
    }

    private Failure translate(MasterCall call, URI master, CallFailure failure) {
        String line = "the master at " + master;
        long boundMs = call.timeout().toMillis();
        return switch (failure.kind()) {
            case NEVER_SENT -> new Failure(noMaster(failure), true, true);
            case BROKEN -> broken(call, master, failure);
            case LATE ->
                new Failure(
                        new HearthException(
                                FailureKind.TIMEOUT,
                                line + " did not answer " + call + " within " + boundMs + " ms",
                                failure),
                        false,
                        true);
            case SILENT ->
                new Failure(
                        new HearthException(
                                FailureKind.UNAVAILABLE,
                                line + " sent nothing for " + boundMs + " ms during " + call,
                                failure),
                        false,
                        true);
            case TOO_LARGE ->
                new Failure(
                        new HearthException(
                                FailureKind.INVALID,
                                "the answer of " + line + " to " + call + " has more than " + call.answerBytesMax()
                                        + " bytes",
                                failure),
                        false,
                        false);
        };
    }

    private static Failure broken(MasterCall call, URI master, Throwable cause) {
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
        connections.forEach(MasterConnections::close);
        names.ifPresent(DnsAddressResolverGroup::close);
        loops.shutdownGracefully(0, CLOSE_MS_MAX, TimeUnit.MILLISECONDS);
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
