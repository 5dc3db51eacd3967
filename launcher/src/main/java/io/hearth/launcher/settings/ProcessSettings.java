package io.hearth.launcher.settings;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.settings.Setting;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** Where processes listen and find each other. */
public record ProcessSettings(
        @Setting(
                name = "masters",
                value = "http://127.0.0.1:7070",
                description = "URLs of the masters, commas between; any of them may answer.")
        List<URI> masters,

        @Setting(
                name = "master.bind",
                value = "127.0.0.1",
                description =
                        "Address on which the master's HTTP API listens; beyond loopback only with a token (trust.token-file).")
        String masterBind,

        @Setting(
                name = "master.port",
                value = "7070",
                min = "0",
                max = "65535",
                description = "Port of the master's HTTP API; 0 takes a free one.")
        int masterPort,

        @Setting(
                name = "shutdown-timeout",
                value = "10s",
                min = "1s",
                max = "5m",
                description = "How long a process may take to end in order before it just ends.")
        Duration shutdownTimeout) {
    public ProcessSettings {
        if (masters.isEmpty()) {
            throw new HearthException(FailureKind.INVALID, "setting masters: name at least one URL");
        }
        masters.forEach(ProcessSettings::requireHttp);
    }

    private static void requireHttp(URI master) {
        boolean web = "http".equals(master.getScheme()) || "https".equals(master.getScheme());
        if (!web || master.getHost() == null || master.getUserInfo() != null) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "setting masters: '" + master.toString().replaceAll("//[^/]*@", "//...@")
                            + "' is no URL of a master: write http://HOST:PORT");
        }
    }
}
