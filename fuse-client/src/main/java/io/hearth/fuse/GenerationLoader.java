package io.hearth.fuse;

import io.hearth.client.MasterApi;
import io.hearth.fuse.tree.GenerationTree;
import io.hearth.fuse.tree.GenerationTreeBuilder;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Generation.SegmentRef;
import io.hearth.protocol.generation.Segment;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Makes trees of generations: segments from the disk, those that are not there from the masters, a bounded number at
 * once. Blocks. Thread-safe.
 */
final class GenerationLoader {
    private final DatasetName dataset;
    private final MasterApi masters;
    private final SegmentCache cache;
    private final int requestsMax;
    private final Duration requestBound;
    private final Clock clock;

    /** @param bytes empty where the tree before has the segment */
    private record Fetch(SegmentRef segment, Optional<CompletableFuture<byte[]>> bytes, boolean cached) {}

    GenerationLoader(
            DatasetName dataset,
            MasterApi masters,
            SegmentCache cache,
            int requestsMax,
            Duration requestBound,
            Clock clock) {
        this.dataset = dataset;
        this.masters = masters;
        this.cache = cache;
        this.requestsMax = requestsMax;
        this.requestBound = requestBound;
        this.clock = clock;
    }

    /** The manifest of a generation. */
    Generation manifest(String id) {
        Generation generation = Waits.join(masters.generation(dataset, id), requestBound, "the listing's manifest");
        if (generation.formatVersion() != Generation.FORMAT_VERSION) {
            throw new HearthException(
                    FailureKind.UNSUPPORTED_VERSION,
                    "the listing of " + dataset + " is of format version " + generation.formatVersion()
                            + ": this build reads version " + Generation.FORMAT_VERSION + "; use the masters' build");
        }
        return generation;
    }

    /**
     * @param previous the tree that is shown, for telling what changed and for the segments that both have
     * @param lines takes a line of progress now and then
     * @throws HearthException if a segment can be had neither from the disk nor from a master
     */
    GenerationTree load(Generation generation, Optional<GenerationTree> previous, Consumer<String> lines) {
        GenerationTreeBuilder builder = new GenerationTreeBuilder(generation, previous);
        LoadingLines progress = new LoadingLines(dataset, generation.files(), clock, lines);
        Deque<Fetch> flying = new ArrayDeque<>();
        Iterator<SegmentRef> left = generation.segments().iterator();
        while (left.hasNext() || !flying.isEmpty()) {
            while (left.hasNext() && flying.size() < requestsMax) {
                flying.add(fetch(left.next(), builder));
            }
            Fetch next = flying.remove();
            add(next, builder);
            progress.added(next.segment().entries());
        }
        Set<String> needed = generation.segments().stream().map(SegmentRef::id).collect(Collectors.toUnmodifiableSet());
        cache.trim(needed);
        return builder.build();
    }

    private void add(Fetch next, GenerationTreeBuilder builder) {
        if (next.bytes().isEmpty()) {
            builder.reuse(next.segment().id());
            return;
        }
        byte[] bytes = Waits.join(next.bytes().get(), requestBound, "a segment of the listing");
        Segment segment = Segment.decode(bytes);
        if (!segment.id().equals(next.segment().id())) {
            throw new HearthException(FailureKind.CORRUPT, "a master gave a segment that is not what was asked for");
        }
        builder.add(segment);
        if (!next.cached()) {
            cache.put(segment.id(), bytes);
        }
    }

    private Fetch fetch(SegmentRef segment, GenerationTreeBuilder builder) {
        if (builder.has(segment.id())) {
            return new Fetch(segment, Optional.empty(), true);
        }
        return cache.get(segment.id())
                .map(bytes -> new Fetch(segment, Optional.of(CompletableFuture.completedFuture(bytes)), true))
                .orElseGet(() -> new Fetch(
                        segment,
                        Optional.of(masters.segment(dataset, segment.id())
                                .orTimeout(requestBound.toMillis(), TimeUnit.MILLISECONDS)),
                        false));
    }
}
