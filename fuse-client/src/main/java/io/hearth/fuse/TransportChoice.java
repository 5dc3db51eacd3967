package io.hearth.fuse;

import java.util.Locale;

/** Which transport serves a mount. */
public enum TransportChoice {
    /** The kernel's own protocol, and libfuse 2 where that does not work. */
    AUTO,
    /** The kernel's own protocol. */
    KERNEL,
    /** libfuse 2. */
    JNR_FUSE;

    /** As it stands in the settings. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
