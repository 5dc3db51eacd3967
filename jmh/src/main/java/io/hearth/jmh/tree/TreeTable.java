package io.hearth.jmh.tree;

import io.hearth.fuse.tree.GenerationTree;
import io.hearth.fuse.tree.TreeChanges;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Builds the tree of a listing and refreshes it, and tells the memory it takes, by the heap and by the tree's own
 * count, and the time of its answers. What a build needs beside the tree shows in the smallest {@code -Xmx} it runs
 * with.
 */
public final class TreeTable {
    private static final int FILES_DEFAULT = 1_000_000;
    private static final int ANSWERS = 200_000;
    private static final int COLLECTIONS = 3;

    private TreeTable() {}

    private interface Answer {
        long ask(int file);
    }

    /** @param arguments how many files; 1,000,000 if not given */
    public static void main(String[] arguments) {
        int files = arguments.length > 0 ? Integer.parseInt(arguments[0]) : FILES_DEFAULT;
        long usedBytes = usedBytes();
        Listing listing = new Listing(files, 0);
        long begun = System.nanoTime();
        GenerationTree tree = listing.tree(Optional.empty());
        say("built in %.2f s", seconds(begun));
        say("%.1f bytes a file by the heap", (double) (usedBytes() - usedBytes) / files);
        say("%.1f bytes a file by the tree", (double) tree.sizeBytes() / files);
        answers(listing, tree);
        begun = System.nanoTime();
        GenerationTree next = new Listing(files, 1).tree(Optional.of(tree));
        say("refreshed in %.2f s", seconds(begun));
        say("%.1f bytes a file by the heap while both are there", (double) (usedBytes() - usedBytes) / files);
        begun = System.nanoTime();
        AtomicInteger changes = new AtomicInteger();
        new TreeChanges(tree, next).forEach((parent, name) -> changes.incrementAndGet());
        say("%d changes found in %.3f s", changes.get(), seconds(begun));
    }

    private static void answers(Listing listing, GenerationTree tree) {
        int parent = tree.resolve(listing.path(0).substring(0, listing.path(0).lastIndexOf('/')));
        String name = listing.path(0).substring(listing.path(0).lastIndexOf('/') + 1);
        time(listing, "look-up of a name among 1000", file -> tree.child(parent, name));
        time(listing, "node of a path", file -> tree.resolve(listing.path(file)));
        long inode =
                tree.attributes(tree.resolve(listing.path(listing.files() / 2))).inode();
        time(listing, "node of an inode", file -> tree.find(inode));
        time(
                listing,
                "attributes",
                file -> tree.attributes(file % listing.files()).sizeBytes());
        time(
                listing,
                "entry of a listing",
                file -> tree.entry(parent, file % tree.children(parent)).inode());
    }

    private static void time(Listing listing, String what, Answer answer) {
        SplittableRandom random = new SplittableRandom(1);
        long sum = 0;
        for (int i = 0; i < ANSWERS; i++) {
            sum += answer.ask(random.nextInt(listing.files()));
        }
        long begun = System.nanoTime();
        for (int i = 0; i < ANSWERS; i++) {
            sum += answer.ask(random.nextInt(listing.files()));
        }
        say("%.0f ns: %s%s", seconds(begun) * 1e9 / ANSWERS, what, sum == 42 ? "!" : "");
    }

    private static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }

    private static long usedBytes() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
