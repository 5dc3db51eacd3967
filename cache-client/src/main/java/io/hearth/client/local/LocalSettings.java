package io.hearth.client.local;

import io.hearth.protocol.settings.DataSize;
import io.hearth.protocol.settings.Setting;
import io.hearth.protocol.settings.SettingsBinder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** The settings of reads by descriptor from this node's worker. */
public record LocalSettings(
        @Setting(
                name = "client.worker-socket",
                value = "${home}/run/worker.sock",
                description = "Unix socket of this node's worker; where nobody listens, all is read over TCP.")
        Path socket,

        @Setting(
                name = "client.descriptors",
                value = "256",
                min = "0",
                max = "65536",
                description = "Files of this node's worker that a mount has open at once; more are read over TCP. 0 ="
                        + " none.")
        int descriptorsMax,

        @Setting(
                name = "client.descriptor-min-size",
                value = "4MiB",
                min = "1",
                description = "Objects from this size on are read by descriptor; smaller ones are one message anyway.")
        DataSize minSize,

        @Setting(
                name = "client.descriptor-wait",
                value = "250ms",
                min = "1ms",
                max = "10s",
                description = "How long a file's first read waits for its descriptor before it goes over TCP.")
        Duration descriptorWait,

        @Setting(
                name = "client.descriptor-idle",
                value = "10s",
                min = "10ms",
                max = "1h",
                description = "How long a descriptor may go unused before it is closed, so that the worker may evict"
                        + " the file.")
        Duration idle,

        @Setting(
                name = "client.descriptor-retry",
                value = "1s",
                min = "10ms",
                max = "10m",
                description = "Pause after a descriptor was refused, a range could not be had, or the socket did not"
                        + " answer.")
        Duration retry) {
    /** The defaults with some settings, by name, given as text. */
    public static LocalSettings of(Path home, Map<String, String> values) {
        return new SettingsBinder(home).bind(LocalSettings.class, values);
    }
}
