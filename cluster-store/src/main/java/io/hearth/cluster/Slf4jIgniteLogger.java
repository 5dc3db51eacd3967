package io.hearth.cluster;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ignite.IgniteLogger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ignite's log through SLF4J, two levels down: its information is our debugging, and its warnings at every start (peer
 * class loading, JMX, page size) are nothing that a user of Hearth could act on.
 */
final class Slf4jIgniteLogger implements IgniteLogger {
    private final Logger log;
    private final AtomicBoolean serving;

    /** @param serving whether the node is up and is to stay so: a start that fails is told once, by the one who asked for
     *     it, and a stop interrupts threads that complain */
    Slf4jIgniteLogger(AtomicBoolean serving) {
        this(LoggerFactory.getLogger("org.apache.ignite"), serving);
    }

    private Slf4jIgniteLogger(Logger log, AtomicBoolean serving) {
        this.log = log;
        this.serving = serving;
    }

    @Override
    public IgniteLogger getLogger(Object category) {
        return category == null
                ? this
                : new Slf4jIgniteLogger(
                        LoggerFactory.getLogger(
                                category instanceof Class<?> type ? type.getName() : category.toString()),
                        serving);
    }

    @Override
    public void trace(String message) {
        log.trace(message);
    }

    @Override
    public void debug(String message) {
        log.trace(message);
    }

    @Override
    public void info(String message) {
        log.debug(message);
    }

    @Override
    public void warning(String message, Throwable failure) {
        log.info(message, failure);
    }

    @Override
    public void error(String message, Throwable failure) {
        if (serving.get()) {
            log.error(message, failure);
        } else {
            log.info(message, failure);
        }
    }

    @Override
    public boolean isTraceEnabled() {
        return log.isTraceEnabled();
    }

    @Override
    public boolean isDebugEnabled() {
        return log.isTraceEnabled();
    }

    @Override
    public boolean isInfoEnabled() {
        return log.isDebugEnabled();
    }

    @Override
    public boolean isQuiet() {
        return false; // A quiet log makes Ignite print to standard output instead.
    }

    @Override
    public String fileName() {
        return null;
    }
}
