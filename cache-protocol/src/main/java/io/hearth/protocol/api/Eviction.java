package io.hearth.protocol.api;

import java.util.List;
import java.util.Optional;

/** Documents of evictions. */
public final class Eviction {
    private Eviction() {}

    /** Asks to drop a dataset's cached bytes, or those at and below {@code path}. */
    public record Request(Optional<String> path) {}

    /** What a worker is asked to drop: object ids in hexadecimal, at most 65,536. */
    public record Order(List<String> objects) {}

    /** What was dropped. */
    public record Result(long objects, long bytes) {}
}
