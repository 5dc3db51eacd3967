package io.hearth.testing.hosts;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Hosts on one network, which is no part of the machine's own: whatever addresses it has there, these do not disturb it.
 * Whoever starts processes on them ends them before {@link #close}. Used by one thread.
 */
public final class Hosts implements AutoCloseable {
    static final String BRIDGE = "br0";
    private static final String NETWORK = "10.88.0.";
    private static final int PREFIX_BITS = 24;
    private static final int HOSTS_MAX = 250;

    private final String prefix;
    private final List<Host> hosts = new ArrayList<>();

    private Hosts(String prefix) {
        this.prefix = prefix;
    }

    /** Why there can be no hosts here, in one line; empty if there can. */
    public static Optional<String> missing() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("network namespaces need root");
        }
        if (!Tool.works("ip", "-V") || !Tool.works("tc", "-V") || !Tool.works("nsenter", "-V")) {
            return Optional.of("network namespaces need ip, tc (Debian: iproute2) and nsenter (util-linux)");
        }
        if (!Tool.works("nsenter", "--net=/proc/self/ns/net", "--", "unshare", "--net", "tc", "qdisc", "show")) {
            return Optional.of("this kernel or container gives no network namespaces");
        }
        return Optional.empty();
    }

    /** A network without hosts. */
    public static Hosts open() {
        String prefix = "hearth-" + Long.toString(ProcessHandle.current().pid(), 36) + "-"
                + Long.toString(System.nanoTime() & 0xffffff, 36);
        String hub = hub(prefix);
        Tool.ip("netns", "add", hub);
        Hosts hosts = new Hosts(prefix);
        try {
            Tool.ip("-n", hub, "link", "add", BRIDGE, "type", "bridge");
            Tool.ip("-n", hub, "link", "set", BRIDGE, "up");
        } catch (RuntimeException e) {
            hosts.close();
            throw e;
        }
        return hosts;
    }

    private static String hub(String prefix) {
        return prefix + "-hub";
    }

    /** One more host, whose link has no bound yet. */
    public Host add() {
        int number = hosts.size() + 1;
        if (number > HOSTS_MAX) {
            throw new IllegalStateException("at most " + HOSTS_MAX + " hosts");
        }
        Host host = Host.create(prefix + "-" + number, hub(prefix), number, NETWORK + number, PREFIX_BITS);
        hosts.add(host);
        return host;
    }

    /** Takes away all hosts and the network, as far as they can be. */
    @Override
    public void close() {
        RuntimeException failed = null;
        List<Runnable> steps = new ArrayList<>();
        hosts.forEach(host -> steps.add(host::remove));
        steps.add(() -> Tool.ip("netns", "del", hub(prefix)));
        for (Runnable step : steps) {
            try {
                step.run();
            } catch (RuntimeException e) {
                failed = e;
            }
        }
        hosts.clear();
        if (failed != null) {
            throw failed;
        }
    }
}
