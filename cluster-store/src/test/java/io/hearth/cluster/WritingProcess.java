package io.hearth.cluster;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/** A process of its own that writes until it is killed, and prints each key once it is acknowledged. */
final class WritingProcess {
    private WritingProcess() {}

    public static void main(String[] args) {
        ClusterStore store = IgniteClusterStore.open(TestStores.settings(Path.of(args[0])), Clock.systemUTC());
        TransactionalMap<String> left = store.map("left", Codec.text());
        TransactionalMap<String> right = store.map("right", Codec.text());
        DurableQueue<String> queue = store.queue("jobs", Codec.text(), 1_000_000);
        queue.offer("claimed by the dead");
        queue.poll("dead", Duration.ofMinutes(10)).orElseThrow();
        for (int i = 0; ; i++) {
            String key = "key-" + i;
            store.transact(() -> {
                left.put(key, "left of " + key);
                queue.offer(key);
                right.put(key, "right of " + key);
            });
            System.out.println(key);
            System.out.flush();
        }
    }
}
