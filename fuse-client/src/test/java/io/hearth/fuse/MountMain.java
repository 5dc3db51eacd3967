package io.hearth.fuse;

import io.hearth.protocol.settings.SettingsBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/** Child process: a mount of its own until it is told to end. Arguments: home, directory. */
final class MountMain {
    private MountMain() {}

    public static void main(String[] args) {
        FakeMasters masters = new FakeMasters();
        masters.publish(
                new TestTree().file("file", 100_000, 1).file("naïve 文", 3, 2).listing());
        MountSettings settings =
                new SettingsBinder(Path.of(args[0])).bind(MountSettings.class, Map.of("mount.busy-grace", "200ms"));
        Mount mount = Mount.start(
                settings,
                FakeMasters.DATASET,
                Path.of(args[1]),
                Optional.empty(),
                new Mount.Parts(
                        masters, MemoryReads::new, workers -> {}, new SimpleMeterRegistry(), Clock.systemUTC()));
        Runtime.getRuntime().addShutdownHook(new Thread(mount::close));
        System.out.println("ready");
        mount.ended().join();
        System.out.println("ended");
    }
}
