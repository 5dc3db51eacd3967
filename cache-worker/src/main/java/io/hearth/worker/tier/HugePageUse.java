package io.hearth.worker.tier;

import java.util.Locale;

/** Whether blocks of memory tiers get huge pages. */
public enum HugePageUse {
    /** Where the kernel gives them for less than they save. */
    AUTO,
    /** Where the kernel gives them, whatever they cost. */
    ALWAYS,
    /** Never. */
    OFF;

    /** As it stands in the settings. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
