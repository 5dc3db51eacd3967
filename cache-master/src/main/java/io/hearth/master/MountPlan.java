package io.hearth.master;

import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginSpec;
import io.hearth.protocol.api.DatasetSpec;
import io.hearth.protocol.api.DatasetSpec.MountSpec;
import io.hearth.protocol.settings.Durations;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a dataset's specification means. Every objection is {@code INVALID} with one line. Does no I/O. */
record MountPlan(List<PlannedMount> mounts, Optional<Duration> refresh) {
    private static final List<String> OPTIONS = List.of("credentials", "endpoint", "pathStyle", "region");

    static MountPlan of(DatasetName dataset, DatasetSpec spec, MasterSettings settings) {
        if (spec.mounts().size() > settings.mountsMax()) {
            throw invalid("a dataset has at most " + settings.mountsMax() + " mounts (master.mounts-max), not "
                    + spec.mounts().size());
        }
        List<PlannedMount> mounts = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Set<String> paths = new HashSet<>();
        for (MountSpec mount : spec.mounts()) {
            String name = mount.name().orElse(dataset.name());
            if (name.isEmpty() || name.contains("/")) {
                throw invalid("the mount name '" + name + "' must not be empty or hold a '/'");
            }
            if (!names.add(name)) {
                throw invalid("two mounts are named '" + name + "': give each its own mounts[].name");
            }
            PlannedMount planned = plan(dataset, mount, name, spec.mounts().size() == 1);
            if (!paths.add(planned.path())) {
                throw invalid("two mounts stand at '/" + planned.path() + "': give each its own mounts[].path");
            }
            mounts.add(planned);
        }
        return new MountPlan(
                List.copyOf(mounts), refresh(spec.refresh().orElse(DatasetSpec.REFRESH_DEFAULT), settings));
    }

    /** The interval of a {@code refresh} text; empty for {@code manual}. */
    static Optional<Duration> refresh(String text, MasterSettings settings) {
        if (text.equals(DatasetSpec.REFRESH_MANUAL)) {
            return Optional.empty();
        }
        Duration interval;
        try {
            interval = Durations.parse(text);
        } catch (HearthException e) {
            throw invalid("refresh '" + text + "' is neither a duration such as 60s nor manual");
        }
        if (interval.compareTo(settings.refreshMin()) < 0) {
            throw invalid("refresh " + text + " is shorter than " + Durations.format(settings.refreshMin())
                    + " (master.refresh-min)");
        }
        return Optional.of(interval);
    }

    private static PlannedMount plan(DatasetName dataset, MountSpec mount, String name, boolean only) {
        if (!mount.readOnly().orElse(true)) {
            throw invalid("writable volumes do not exist yet: remove readOnly: false");
        }
        for (String key : mount.options().keySet()) {
            if (!OPTIONS.contains(key)) {
                throw invalid("the mount option '" + key + "' is unknown; known are " + String.join(", ", OPTIONS));
            }
        }
        Optional<URI> endpoint = option(mount, "endpoint").map(MountPlan::endpoint);
        OriginSpec origin = OriginSpec.parse(
                mount.mountPoint(),
                endpoint,
                option(mount, "region"),
                option(mount, "pathStyle").map(MountPlan::flag).orElse(endpoint.isPresent()));
        CredentialReference credentials =
                CredentialReference.parse(option(mount, "credentials"), mount.encryptOptions());
        return new PlannedMount(
                mount.mountPoint(),
                path(mount.path().orElse(only ? "/" : "/" + name)),
                origin,
                credentials,
                origin.id(dataset.namespace() + "|" + credentials.text()));
    }

    private static Optional<String> option(MountSpec mount, String key) {
        return Optional.ofNullable(mount.options().get(key)).filter(value -> !value.isEmpty());
    }

    private static URI endpoint(String text) {
        try {
            URI uri = URI.create(text);
            boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (web && uri.getHost() != null && uri.getUserInfo() == null && uri.getQuery() == null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw invalid("the endpoint '" + withoutUserInfo(text) + "' must look like https://host or http://host:port");
    }

    /** Somebody may have put a key there: an error message is no place for it. */
    private static String withoutUserInfo(String text) {
        return text.replaceAll("//[^/]*@", "//...@").replaceAll("\\?.*", "?...");
    }

    private static boolean flag(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw invalid("the mount option pathStyle is true or false, not '" + text + "'");
        }
        return text.equals("true");
    }

    private static String path(String text) {
        if (!text.startsWith("/")) {
            throw invalid("the mount path '" + text + "' must start with '/'");
        }
        String path = text.replaceAll("^/+|/+$", "");
        if (path.isEmpty()) {
            return path;
        }
        for (String segment : path.split("/", -1)) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..") || segment.indexOf('\0') >= 0) {
                throw invalid("the mount path '" + text + "' must not have '', '.' or '..' as a name");
            }
        }
        return path;
    }

    private static HearthException invalid(String message) {
        return new HearthException(FailureKind.INVALID, message);
    }
}
