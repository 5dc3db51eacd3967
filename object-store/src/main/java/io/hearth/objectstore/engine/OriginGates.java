package io.hearth.objectstore.engine;

import io.hearth.protocol.OriginSpec;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** One gate per bucket of an endpoint, whatever prefix and credentials it is read with. Thread-safe. */
final class OriginGates {
    private final Function<String, OriginGate> opening;
    private final Map<String, OriginGate> gates = new ConcurrentHashMap<>();

    OriginGates(Function<String, OriginGate> opening) {
        this.opening = opening;
    }

    OriginGate of(OriginSpec origin) {
        String endpoint = origin.endpoint().map(URI::toString).orElse("AWS S3");
        return gates.computeIfAbsent("bucket '" + origin.bucket() + "' at " + endpoint, opening);
    }
}
