package io.hearth.objectstore.engine;

import io.hearth.protocol.OriginSpec;
import java.net.URI;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * One gate per bucket of an endpoint, whatever prefix and credentials it is read with. What a gate learned is kept
 * until another bucket needs its place: the one unused for longest among those with nothing under way goes. Where all
 * are in use, further buckets share one. Thread-safe.
 */
final class OriginGates {
    private final int gatesMax;
    private final Function<String, OriginGate> opening;
    private final OriginGate shared;
    private final Map<String, OriginGate> gates = new LinkedHashMap<>(16, 0.75f, true);

    OriginGates(int gatesMax, Function<String, OriginGate> opening) {
        this.gatesMax = gatesMax;
        this.opening = opening;
        this.shared = opening.apply("the origin");
    }

    /** For ranges of which nobody said where they come from, and for buckets beyond the bound. */
    OriginGate shared() {
        return shared;
    }

    OriginGate of(OriginSpec origin) {
        String endpoint = origin.endpoint().map(URI::toString).orElse("AWS S3");
        return of("bucket '" + origin.bucket() + "' at " + endpoint);
    }

    private synchronized OriginGate of(String name) {
        OriginGate known = gates.get(name);
        if (known != null) {
            return known;
        }
        if (gates.size() >= gatesMax && !retireOne()) {
            return shared;
        }
        OriginGate opened = opening.apply(name);
        gates.put(name, opened);
        return opened;
    }

    private boolean retireOne() {
        for (Iterator<OriginGate> oldest = gates.values().iterator(); oldest.hasNext(); ) {
            if (oldest.next().retire()) {
                oldest.remove();
                return true;
            }
        }
        return false;
    }
}
