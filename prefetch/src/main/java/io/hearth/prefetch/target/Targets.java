package io.hearth.prefetch.target;

import io.hearth.master.PinnedTree;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.LoadSpec;
import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Segment;
import io.hearth.protocol.settings.Durations;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What a load's targets mean in a tree. */
public final class Targets {
    private static final int REPLICAS_MAX = 1000;

    /** A target: a path without slashes at its ends, or a glob. */
    private record Target(String text, Optional<Glob> glob, int replicas) {
        boolean takes(String path) {
            return glob.isPresent() ? glob.get().matches(path) : names(text, path);
        }
    }

    private Targets() {}

    /** The same request in one form, whatever the order of its targets and what it left to defaults. */
    public static LoadSpec normal(LoadSpec spec) {
        Durations.parse(spec.ttl().orElse(LoadSpec.TTL_DEFAULT));
        List<LoadSpec.Target> targets = spec.targets().stream()
                .map(target -> new LoadSpec.Target(
                        "/" + bare(target.path()), Optional.of(replicas(target).orElse(1))))
                .distinct()
                .sorted(Comparator.comparing(LoadSpec.Target::path)
                        .thenComparing(target -> target.replicas().orElseThrow()))
                .toList();
        return new LoadSpec(
                targets.isEmpty() ? List.of(new LoadSpec.Target("/", Optional.of(1))) : targets,
                Optional.of(spec.metadataOnly().orElse(false)),
                Optional.of(spec.retries().orElse(LoadSpec.RETRIES_DEFAULT)),
                Optional.of(spec.ttl().orElse(LoadSpec.TTL_DEFAULT)));
    }

    private static Optional<Integer> replicas(LoadSpec.Target target) {
        target.replicas().filter(count -> count > REPLICAS_MAX).ifPresent(count -> {
            throw new HearthException(
                    FailureKind.INVALID, "targets[].replicas is at most " + REPLICAS_MAX + ", not " + count);
        });
        return target.replicas();
    }

    private static String bare(String path) {
        int from = 0;
        int end = path.length();
        while (from < end && path.charAt(from) == '/') {
            from++;
        }
        while (end > from && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(from, end);
    }

    /** Whether the path is the one named, or below it. */
    private static boolean names(String text, String path) {
        return text.isEmpty()
                || path.startsWith(text) && (path.length() == text.length() || path.charAt(text.length()) == '/');
    }

    /**
     * The wanted files. Blocks; reads the whole tree.
     *
     * @param spec in {@linkplain #normal normal} form
     * @throws HearthException {@code NOT_FOUND} naming a target that nothing is at; {@code INVALID} for a malformed
     *     glob
     */
    public static WantedFiles resolve(DatasetName dataset, PinnedTree tree, LoadSpec spec) {
        List<Target> targets = new ArrayList<>();
        Set<String> there = globsThatAreNames(spec, tree);
        for (LoadSpec.Target target : spec.targets()) {
            String text = bare(target.path());
            boolean glob = Glob.looksLikeOne(text) && !there.contains(text);
            targets.add(new Target(
                    text,
                    glob ? Optional.of(Glob.of(text)) : Optional.empty(),
                    target.replicas().orElse(1)));
        }
        boolean[] hit = new boolean[targets.size()];
        WantedFiles.Builder wanted = new WantedFiles.Builder(tree);
        for (int number = 0; number < tree.generation().segments().size(); number++) {
            wanted.segment(number);
            Segment segment = tree.segment(number);
            for (int i = 0; i < segment.entries().size(); i++) {
                Entry entry = segment.entries().get(i);
                int replicas = entry.directory() ? 0 : replicas(targets, entry.path(), hit);
                if (replicas > 0) {
                    wanted.add(i, entry.sizeBytes(), replicas);
                }
            }
        }
        for (int i = 0; i < hit.length; i++) {
            Target target = targets.get(i);
            if (!hit[i] && !target.text().isEmpty()) {
                throw new HearthException(FailureKind.NOT_FOUND, nothingAt(dataset, target));
            }
        }
        return wanted.build();
    }

    private static int replicas(List<Target> targets, String path, boolean[] hit) {
        int most = 0;
        for (int i = 0; i < hit.length; i++) {
            if (targets.get(i).takes(path)) {
                hit[i] = true;
                most = Math.max(most, targets.get(i).replicas());
            }
        }
        return most;
    }

    /**
     * A name that is there goes before a glob: keys may hold any character. One walk through the tree for all of them.
     */
    private static Set<String> globsThatAreNames(LoadSpec spec, PinnedTree tree) {
        Set<String> asked = spec.targets().stream()
                .map(target -> bare(target.path()))
                .filter(Glob::looksLikeOne)
                .collect(Collectors.toSet());
        Set<String> there = new HashSet<>();
        for (int number = 0; number < tree.generation().segments().size() && !asked.isEmpty(); number++) {
            for (Entry entry : tree.segment(number).entries()) {
                asked.stream().filter(text -> names(text, entry.path())).forEach(there::add);
                asked.removeAll(there);
            }
        }
        return there;
    }

    private static String nothingAt(DatasetName dataset, Target target) {
        return target.glob().isPresent()
                ? "the glob '/" + target.text() + "' matches no file of the dataset " + dataset
                : "the dataset " + dataset + " has no file at /" + target.text();
    }
}
