package io.hearth.fuse;

import io.hearth.client.MasterApi;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.Renewal;
import io.hearth.protocol.api.Session;
import io.hearth.protocol.api.SessionRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a mount's session with the masters alive on a thread of its own: renewals that wait at the master for a newer
 * generation, a new session where the old one is lost, patience where no master answers.
 */
final class SessionKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SessionKeeper.class);
    private static final int BACK_OFF_MAX = 16;
    private static final int RENEWALS_PER_TTL = 3;
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(2);

    private final DatasetName dataset;
    private final SessionRequest request;
    private final MasterApi masters;
    private final MountSettings settings;
    private final MountMetrics metrics;
    private final Clock clock;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Optional<Session> session = Optional.empty();
    private volatile String generation = "";
    private volatile long confirmedAtMs;
    private Optional<Thread> thread = Optional.empty();

    SessionKeeper(
            DatasetName dataset,
            SessionRequest request,
            MasterApi masters,
            MountSettings settings,
            MountMetrics metrics,
            Clock clock) {
        this.dataset = dataset;
        this.request = request;
        this.masters = masters;
        this.settings = settings;
        this.metrics = metrics;
        this.clock = clock;
        this.confirmedAtMs = clock.millis();
        metrics.behindSeconds(() -> (int) ((clock.millis() - confirmedAtMs) / 1000));
    }

    /** Opens the first session. */
    Session open() {
        Session opened =
                Waits.join(masters.openSession(dataset, request), settings.masterTimeout(), "a session for " + dataset);
        session = Optional.of(opened);
        confirmedAtMs = clock.millis();
        return opened;
    }

    /**
     * Starts the thread.
     *
     * @param shown id of the generation that is shown
     * @param onSession called with every answer, on the keeper's thread; where it throws, it is called again later
     */
    void start(String shown, Consumer<Session> onSession) {
        generation = shown;
        Thread keeper = new Thread(() -> run(onSession), "hearth-mount-session");
        keeper.setDaemon(true);
        keeper.start();
        thread = Optional.of(keeper);
    }

    private void run(Consumer<Session> onSession) {
        int failures = 0;
        boolean told = false;
        while (closed.getCount() > 0) {
            try {
                Session answer = session.isPresent() ? renew(session.get()) : reopen();
                boolean news = !answer.generation().equals(generation);
                onSession.accept(answer);
                generation = answer.generation();
                confirmedAtMs = clock.millis();
                if (told) {
                    LOG.info("the masters answer again; {} is at generation {}", dataset, generation);
                }
                failures = 0;
                told = false;
                pause(news ? Duration.ZERO : settings.retryDelay().dividedBy(BACK_OFF_MAX));
            } catch (RuntimeException e) {
                if (closed.getCount() == 0) {
                    return;
                }
                failures++;
                if (!told) {
                    LOG.warn(
                            "{} goes on with generation {}: {}",
                            dataset,
                            generation,
                            HearthException.of(e).getMessage());
                    told = true;
                }
                pause(settings.retryDelay().multipliedBy(Math.min(BACK_OFF_MAX, 1L << Math.min(failures - 1, 10))));
            }
        }
    }

    private Session renew(Session held) {
        long waitMs = Math.min(settings.renewWait().toMillis(), Math.max(1, held.ttlMs() / RENEWALS_PER_TTL));
        try {
            return Waits.join(
                    masters.renewSession(dataset, held.id(), new Renewal(generation, waitMs)),
                    settings.masterTimeout().plusMillis(waitMs),
                    "a renewal for " + dataset);
        } catch (HearthException e) {
            if (e.kind() == FailureKind.NOT_FOUND) {
                session = Optional.empty();
                metrics.sessionLost();
                return reopen();
            }
            throw e;
        }
    }

    private Session reopen() {
        Session opened = open();
        LOG.info("opened a new session for {}", dataset);
        return opened;
    }

    private void pause(Duration duration) {
        try {
            if (closed.await(duration.toNanos(), TimeUnit.NANOSECONDS)) {
                Thread.currentThread().interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the thread and the session, within a bound; a master that does not answer will let it lapse. */
    @Override
    public void close() {
        closed.countDown();
        thread.ifPresent(keeper -> {
            keeper.interrupt();
            try {
                keeper.join(CLOSE_BOUND.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        session.ifPresent(held -> {
            try {
                Waits.join(masters.closeSession(dataset, held.id()), CLOSE_BOUND, "the session's end");
            } catch (HearthException e) {
                LOG.debug("session {} is left to lapse: {}", held.id(), e.getMessage());
            }
        });
        session = Optional.empty();
    }
}
