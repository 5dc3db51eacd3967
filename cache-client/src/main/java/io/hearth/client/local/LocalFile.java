package io.hearth.client.local;

import io.hearth.client.ClientMetrics;
import io.hearth.client.FileTaker;
import io.hearth.client.WholeFile;
import io.hearth.client.read.LocalReads.LocalObject;
import io.hearth.client.read.LocalReads.Outcome;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** One object that is open here, by one descriptor for all who have it open. Thread-safe. */
final class LocalFile {
    private final LocalFiles files;
    private final ObjectId id;
    private final RequestContext context;
    private final ObjectRef object;
    private final LocalSettings settings;
    private final ClientMetrics metrics;
    private int opens;
    private boolean patient = true;
    private boolean refused;
    private long refusedNs;
    private Optional<CompletableFuture<GrantedFile>> opening = Optional.empty();

    LocalFile(
            LocalFiles files,
            ObjectId id,
            RequestContext context,
            ObjectRef object,
            LocalSettings settings,
            ClientMetrics metrics) {
        this.files = files;
        this.id = id;
        this.context = context;
        this.object = object;
        this.settings = settings;
        this.metrics = metrics;
    }

    ObjectId id() {
        return id;
    }

    synchronized void opened() {
        opens++;
    }

    /** Gives whether nobody has it open any more. */
    synchronized boolean closed() {
        return --opens == 0;
    }

    /** One reader's view; closed once. */
    LocalObject view() {
        return new View();
    }

    /** The file, if it is open or opens within the wait that the first reader has for it. */
    private Optional<GrantedFile> file() throws InterruptedException {
        CompletableFuture<GrantedFile> coming;
        boolean wait;
        synchronized (this) {
            if (opening.isEmpty()) {
                begin();
            }
            if (opening.isEmpty()) {
                return Optional.empty(); // Refused, now or a moment ago.
            }
            coming = opening.get();
            wait = patient && !coming.isDone();
            patient = false;
        }
        try {
            long waitMs = wait ? settings.descriptorWait().toMillis() : 0;
            return Optional.of(coming.get(waitMs, TimeUnit.MILLISECONDS)).filter(file -> !file.ended());
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        }
    }

    /** What is open, without a wait. */
    private synchronized Optional<GrantedFile> present() {
        return opening.filter(coming -> coming.isDone() && !coming.isCompletedExceptionally())
                .map(CompletableFuture::join)
                .filter(file -> !file.ended());
    }

    /** All of the object, if the worker says within {@code bound} that it has it. */
    private Optional<WholeFile> whole(Duration bound) throws InterruptedException {
        Optional<CompletableFuture<GrantedFile>> coming;
        synchronized (this) {
            if (opening.isEmpty()) {
                begin();
            }
            coming = opening;
        }
        try {
            return coming.isEmpty()
                    ? Optional.empty()
                    : coming.get().get(bound.toNanos(), TimeUnit.NANOSECONDS).holdWhole();
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        }
    }

    private void begin() {
        long retryNs = settings.retry().toNanos();
        if (refused && System.nanoTime() - refusedNs < retryNs) {
            return;
        }
        refused = false;
        CompletableFuture<GrantedFile> coming = files.descriptor(context, object)
                .thenApply(descriptor -> new GrantedFile(descriptor, object, retryNs, () -> forget(descriptor)));
        opening = Optional.of(coming);
        coming.whenComplete((file, failure) -> {
            if (failure != null) {
                refused(coming);
            } else {
                metrics.descriptorOpened();
                if (file.isWhole()) {
                    files.whole(this);
                }
            }
        });
    }

    private synchronized void refused(CompletableFuture<GrantedFile> coming) {
        metrics.descriptorRefused();
        if (opening.filter(coming::equals).isPresent()) {
            opening = Optional.empty();
        }
        refused = true;
        refusedNs = System.nanoTime();
    }

    private void forget(Descriptor descriptor) {
        metrics.descriptorClosed();
        synchronized (this) {
            patient = true;
            if (present().isEmpty() && opening.filter(CompletableFuture::isDone).isPresent()) {
                opening = Optional.empty();
            }
        }
        files.letGo(descriptor);
    }

    /**
     * Closes what is open, if {@code which} says so, once nobody holds it; a new descriptor is asked for by the next
     * read.
     *
     * @return whether it said so
     */
    boolean end(Predicate<GrantedFile> which) {
        Optional<GrantedFile> file = present().filter(which);
        file.ifPresent(GrantedFile::end);
        synchronized (this) {
            if (file.isPresent()
                    && present().isEmpty()
                    && opening.filter(CompletableFuture::isDone).isPresent()) {
                opening = Optional.empty();
                patient = true;
            }
        }
        return file.isPresent();
    }

    /** All of it is there, if {@code which} says so. */
    void whole(Predicate<GrantedFile> which) {
        present().filter(which).ifPresent(file -> {
            file.whole();
            files.whole(this);
        });
    }

    /** Its worker is gone. */
    void orphan() {
        present().ifPresent(GrantedFile::orphan);
    }

    /** Ends for good: also a descriptor that is still on its way. */
    void close() {
        Optional<CompletableFuture<GrantedFile>> last;
        synchronized (this) {
            last = opening;
        }
        last.ifPresent(coming -> coming.thenAccept(GrantedFile::end));
    }

    private void ask(GrantedFile file, long from, long to) {
        int end = Geometry.chunkOf(to - 1) + 1;
        for (int chunk = Geometry.chunkOf(from); chunk < end; ) {
            int block = chunk / Geometry.CHUNKS_PER_BLOCK;
            int blockEnd = Math.min(end, (block + 1) * Geometry.CHUNKS_PER_BLOCK);
            if (file.lacks(chunk, blockEnd)
                    && files.ranges().from(file.descriptor().workerId(), object, block)) {
                ask(file, file.takeToAsk(chunk, blockEnd));
            }
            chunk = blockEnd;
        }
    }

    private void ask(GrantedFile file, BitSet chunks) {
        for (int first = chunks.nextSetBit(0); first >= 0; ) {
            int begin = first;
            int end = chunks.nextClearBit(begin);
            long offset = Geometry.chunkOffset(begin);
            int length = (int) (Math.min(Geometry.chunkOffset(end), object.sizeBytes()) - offset);
            files.ranges()
                    .await(
                            file.descriptor().workerId(),
                            file.descriptor().grant(),
                            context,
                            object,
                            offset,
                            length,
                            file::ready)
                    .whenComplete((done, failure) -> file.answered(begin, end, failure == null));
            first = chunks.nextSetBit(end);
        }
    }

    private final class View implements LocalObject {
        private boolean over;

        @Override
        public void ask(long from, long to) {
            present().ifPresent(file -> LocalFile.this.ask(file, from, to));
        }

        @Override
        public boolean has(long offset, int length) {
            return present()
                    .filter(file -> file.has(Geometry.chunkOf(offset), Geometry.chunkOf(offset + length - 1) + 1))
                    .isPresent();
        }

        @Override
        public Outcome read(long offset, int length, ByteBuffer target, FileTaker taker, long patienceNs)
                throws InterruptedException {
            Optional<GrantedFile> file = file();
            if (file.isEmpty()) {
                return Outcome.ELSEWHERE;
            }
            LocalFile.this.ask(file.get(), offset, offset + length);
            Outcome outcome = file.get().read(offset, length, target, taker, patienceNs);
            if (outcome == Outcome.READ) {
                metrics.fromDescriptor(length);
            }
            return outcome;
        }

        @Override
        public Optional<WholeFile> whole(Duration bound) throws InterruptedException {
            return LocalFile.this.whole(bound);
        }

        @Override
        public boolean hasFile() {
            return present().isPresent();
        }

        @Override
        public void close() {
            synchronized (this) {
                if (over) {
                    return;
                }
                over = true;
            }
            files.closed(LocalFile.this);
        }
    }
}
