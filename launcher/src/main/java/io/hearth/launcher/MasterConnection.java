package io.hearth.launcher;

import io.hearth.client.ClientSettings;
import io.hearth.client.MasterApi;
import io.hearth.client.http.HttpMasterApi;
import io.hearth.launcher.settings.ProcessSettings;
import io.hearth.launcher.settings.Settings;

/** Opens the API of the masters that the settings name. */
public final class MasterConnection {
    private MasterConnection() {}

    /** Does no I/O; the caller closes it. */
    public static MasterApi open(Settings settings) {
        return new HttpMasterApi(settings.get(ProcessSettings.class).masters(), settings.get(ClientSettings.class));
    }
}
