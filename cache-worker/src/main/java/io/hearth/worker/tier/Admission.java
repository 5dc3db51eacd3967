package io.hearth.worker.tier;

/** What happens to a read of an object that no tier has room for. */
public enum Admission {
    /** Its bytes pass through from the origin and are not kept. */
    STREAM,
    /** The read fails before a byte is fetched, naming what every tier could give. */
    REFUSE;

    /** As it stands in the settings. */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
