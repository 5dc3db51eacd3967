package io.hearth.protocol.placement;

import java.util.Objects;

/**
 * Where a node stands, by its labels. An empty label says nothing: nodes without labels are all near each other.
 *
 * @param zone what is dear to leave, such as a data centre
 * @param rack what shares a switch, within a zone
 */
public record Location(String zone, String rack) {
    /** A node that told no labels. */
    public static final Location UNKNOWN = new Location("", "");

    /** How far two nodes are apart, nearest first. */
    public enum Distance {
        SAME_RACK,
        SAME_ZONE,
        OTHER_ZONE
    }

    public Location {
        Objects.requireNonNull(zone, "zone is null");
        Objects.requireNonNull(rack, "rack is null");
    }

    /** How far that is from here. */
    public Distance to(Location that) {
        if (!zone.equals(that.zone)) {
            return Distance.OTHER_ZONE;
        }
        return rack.equals(that.rack) ? Distance.SAME_RACK : Distance.SAME_ZONE;
    }
}
