package io.hearth.bench;

import io.hearth.bench.cost.CostBench;
import io.hearth.bench.fanout.FanOutBench;
import io.hearth.bench.lazy.LazyMmapBench;
import io.hearth.bench.origin.OriginCappedBench;
import io.hearth.bench.origin.OriginOpenBench;
import io.hearth.bench.resident.ResidentBench;
import io.hearth.bench.serve.ServeBench;
import io.hearth.bench.small.SmallFilesBench;
import io.hearth.bench.start.StartBench;
import java.util.List;
import java.util.Optional;

/** Every bench there is. */
final class Benches {
    private Benches() {}

    static List<Bench> all() {
        return List.of(
                new OriginCappedBench(),
                new OriginOpenBench(),
                new CostBench(),
                new ServeBench(),
                new ResidentBench(),
                new LazyMmapBench(),
                new SmallFilesBench(),
                new StartBench(),
                new FanOutBench());
    }

    static Optional<Bench> named(String name) {
        return all().stream().filter(bench -> bench.name().equals(name)).findFirst();
    }
}
