package io.hearth.bench.fanout;

import io.hearth.bench.stage.ClusterNode;
import io.hearth.bench.stage.SequentialRead;
import io.hearth.bench.stage.SourceFile;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** One reader on each of some nodes, all from one signal. */
final class AllAtOnce {
    private static final int MINUTES_MAX = 10;

    private AllAtOnce() {}

    /**
     * Reads the file through every node's mount, and compares every byte by SHA-256 on the way.
     *
     * @return seconds from the signal to the last byte through each mount, in the order of the nodes
     */
    static List<Double> read(List<ClusterNode> nodes, SourceFile file) throws Exception {
        ExecutorService readers = Executors.newFixedThreadPool(nodes.size());
        try {
            CountDownLatch signal = new CountDownLatch(1);
            List<Future<Double>> reads = new ArrayList<>();
            for (ClusterNode node : nodes) {
                reads.add(readers.submit(() -> {
                    signal.await();
                    long start = System.nanoTime();
                    SequentialRead.compare(node.directory().resolve(file.key()), file);
                    return (System.nanoTime() - start) / 1e9;
                }));
            }
            signal.countDown();
            List<Double> seconds = new ArrayList<>();
            for (Future<Double> read : reads) {
                seconds.add(read.get(MINUTES_MAX, TimeUnit.MINUTES));
            }
            return seconds;
        } finally {
            readers.shutdownNow();
        }
    }
}
