package io.hearth.bench.peer;

import io.hearth.bench.BenchRun;
import io.hearth.bench.process.MountPoint;
import io.hearth.bench.process.OwnProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A system that mounts a bucket of an S3 server that takes unsigned requests.
 *
 * @param system its name in figures
 * @param options what sets this peer apart from others of the same system
 * @param program what it is started as
 * @param packageName the distribution's package
 * @param command makes its command line
 */
public record Peer(String system, String options, String program, String packageName, Command command) {
    /** The words after the program that mount a bucket in the foreground. */
    public interface Command {
        List<String> words(URI endpoint, String bucket, Path directory, Path cache);
    }

    /** Those that are measured: each with its defaults and with the parallel options that its manual names. */
    public static List<Peer> all() {
        return List.of(
                new Peer(
                        "rclone",
                        "defaults",
                        "rclone",
                        "rclone",
                        (endpoint, bucket, directory, cache) -> rclone(endpoint, bucket, directory, cache)),
                new Peer(
                        "rclone",
                        "large buffers",
                        "rclone",
                        "rclone",
                        (endpoint, bucket, directory, cache) -> rclone(
                                endpoint,
                                bucket,
                                directory,
                                cache,
                                "--buffer-size",
                                "128M",
                                "--vfs-read-chunk-size",
                                "128M",
                                "--max-read-ahead",
                                "1M")),
                new Peer(
                        "s3fs",
                        "defaults",
                        "s3fs",
                        "s3fs",
                        (endpoint, bucket, directory, cache) -> s3fs(endpoint, bucket, directory, "")),
                new Peer(
                        "s3fs",
                        "parallel",
                        "s3fs",
                        "s3fs",
                        (endpoint, bucket, directory, cache) ->
                                s3fs(endpoint, bucket, directory, ",parallel_count=16,multipart_size=32")));
    }

    /** One of each system, with its defaults. */
    public static List<Peer> defaults() {
        return all().stream().filter(peer -> peer.options().equals("defaults")).toList();
    }

    /** Those that keep what they read on this machine, with the options that their manuals name for it. */
    public static List<Peer> caching() {
        return List.of(
                new Peer(
                        "rclone",
                        "full cache",
                        "rclone",
                        "rclone",
                        (endpoint, bucket, directory, cache) -> rclone(
                                endpoint,
                                bucket,
                                directory,
                                cache,
                                "--vfs-cache-mode",
                                "full",
                                "--max-read-ahead",
                                "1M")),
                new Peer(
                        "s3fs",
                        "disk cache",
                        "s3fs",
                        "s3fs",
                        (endpoint, bucket, directory, cache) ->
                                s3fs(endpoint, bucket, directory, ",use_cache=" + cache)));
    }

    private static List<String> rclone(URI endpoint, String bucket, Path directory, Path cache, String... flags) {
        List<String> words = new ArrayList<>(List.of(
                "mount",
                "--read-only",
                "--config",
                "/dev/null",
                "--cache-dir",
                cache.toString(),
                "--s3-provider",
                "Other",
                "--s3-endpoint",
                endpoint.toString()));
        words.addAll(List.of(flags));
        words.addAll(List.of(":s3:" + bucket, directory.toString()));
        return words;
    }

    private static List<String> s3fs(URI endpoint, String bucket, Path directory, String flags) {
        return List.of(
                bucket,
                directory.toString(),
                "-f",
                "-o",
                "ro,use_path_request_style,public_bucket=1,url=" + endpoint + flags);
    }

    /** Mounts in a new process with an empty cache; the caller ends it. */
    public MountPoint mount(BenchRun run, URI endpoint, String bucket) throws IOException {
        Path directory = run.newDirectory(system);
        Path mount = Files.createDirectory(directory.resolve("mnt"));
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(command().words(endpoint, bucket, mount, Files.createDirectory(directory.resolve("cache"))));
        // An own bundle of authorities, which rclone 1.60 cannot load: the server speaks plain HTTP.
        OwnProcess process =
                OwnProcess.start(system, directory.resolve("log"), command, Map.of(), List.of("AWS_CA_BUNDLE"));
        try {
            return run.owned().own(MountPoint.await(mount, process));
        } catch (RuntimeException e) {
            process.close();
            throw e;
        }
    }
}
