package io.hearth.worker.descriptor;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.settings.Setting;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The settings of handing out descriptors. */
public record DescriptorSettings(
        @Setting(
                name = "worker.socket",
                value = "${home}/run/worker.sock",
                description = "Unix socket at which readers of this node get descriptors of cached files; at most 100"
                        + " bytes.")
        Path socket,

        @Setting(
                name = "worker.socket-mode",
                value = "0600",
                description = "Who may connect to worker.socket, as for chmod: 0600 = this user, 0660 = the group too.")
        String socketMode,

        @Setting(
                name = "worker.socket-connections",
                value = "64",
                min = "1",
                max = "4096",
                description = "Connections to worker.socket at once; one more is refused.")
        int connectionsMax,

        @Setting(
                name = "worker.descriptors",
                value = "1024",
                min = "0",
                max = "65536",
                description = "Files that are handed out as descriptors at once, each reader's counted; more are read"
                        + " over the data plane. 0 = none.")
        int descriptorsMax) {
    public DescriptorSettings {
        if (!socketMode.matches("0?[0-7]{3}")) {
            throw new HearthException(
                    FailureKind.INVALID, "setting worker.socket-mode: '" + socketMode + "' is no mode such as 0600");
        }
    }

    /** {@link #socketMode} as a set. */
    Set<PosixFilePermission> permissions() {
        int bits = Integer.parseInt(socketMode, 8);
        StringBuilder text = new StringBuilder();
        for (int bit = 8; bit >= 0; bit--) {
            text.append((bits >> bit & 1) == 1 ? "xwr".charAt(bit % 3) : '-');
        }
        return PosixFilePermissions.fromString(text.toString());
    }
}
