package io.hearth.worker.tier;

import io.hearth.protocol.Geometry;
import java.time.Clock;
import java.util.concurrent.Executor;

/**
 * What tiers need from outside.
 *
 * @param io file operations
 * @param events who hears of changes
 * @param closer closes files: freeing 2 GiB of tmpfs takes 260 ms, too long for an event loop
 * @param clock ends the pause after a full disk
 * @param chunkBytes {@link Geometry#CHUNK_BYTES}; smaller in tests
 * @param openFilesMax most objects whose files stay open while nobody uses them; each takes two descriptors
 * @param fullPauseMs how long a tier takes no new bytes after its disk was full
 * @param space of the tiers' file systems
 * @param settings of all tiers
 */
public record TierEnvironment(
        TierIo io,
        TierEvents events,
        Executor closer,
        Clock clock,
        int chunkBytes,
        int openFilesMax,
        long fullPauseMs,
        FreeSpace space,
        TierSettings settings) {
    /** With default settings. */
    public TierEnvironment(
            TierIo io,
            TierEvents events,
            Executor closer,
            Clock clock,
            int chunkBytes,
            int openFilesMax,
            long fullPauseMs) {
        this(
                io,
                events,
                closer,
                clock,
                chunkBytes,
                openFilesMax,
                fullPauseMs,
                FreeSpace.OF_FILE_SYSTEM,
                TierSettings.defaults());
    }

    /** Real chunks, default settings. */
    public static TierEnvironment of(
            TierIo io, TierEvents events, Executor closer, Clock clock, int openFilesMax, long pauseMs) {
        return new TierEnvironment(io, events, closer, clock, Geometry.CHUNK_BYTES, openFilesMax, pauseMs);
    }

    /** The same with other settings. */
    public TierEnvironment with(TierSettings other) {
        return new TierEnvironment(io, events, closer, clock, chunkBytes, openFilesMax, fullPauseMs, space, other);
    }

    /** The same with other file operations. */
    TierEnvironment with(TierIo other) {
        return new TierEnvironment(
                other, events, closer, clock, chunkBytes, openFilesMax, fullPauseMs, space, settings);
    }
}
