package io.hearth.fuse;

import java.util.Locale;

/** Whether the kernel may read files that are wholly in the worker's tier by itself. */
public enum Passthrough {
    /** Where kernel and permissions allow. */
    AUTO,
    /** Never. */
    OFF;

    /** As it stands in the settings. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
