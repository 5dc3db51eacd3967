package io.hearth.launcher.it;

import io.hearth.embedded.EmbeddedStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the examples of the pages as a reader would. */
class DocsIT {
    @TempDir
    Path directory;

    @Test
    void theExamplesOfTheSemanticsPageHold() throws Exception {
        HearthRig.assumeMounts();
        try (EmbeddedStore store = EmbeddedStore.inMemory(HearthRig.keys());
                HearthRig rig = new HearthRig(directory, store)) {
            put(rig, "sem/docs/plain.txt", "hello\n");
            put(rig, "sem/größe/😀.txt", "smile\n");
            put(rig, "sem/empty", "");
            put(rig, "sem/emptydir/", "");
            put(rig, "sem/a", "hidden");
            put(rig, "sem/a/b", "shown");
            put(rig, "sem/x//y", "no name");
            put(rig, "sem/../up", "no name");
            rig.startMaster();
            rig.startWorker();
            rig.set("MNT", rig.mountPoint("semantics").toString());
            rig.set("LANG", "C.UTF-8");
            // The page's "put KEY TEXT" overwrites an object at the origin.
            PutServer puts = PutServer.start(rig);
            try (puts) {
                DocScript.read(HearthRig.ROOT.resolve("docs/SEMANTICS.md"))
                        .run(rig.shell, "put() { " + puts.bashFunctionBody() + "; }", DocsIT::withoutBar, said -> said);
            }
        }
    }

    @Test
    void theExamplesOfTheReadmeHold() throws Exception {
        HearthRig.assumeMounts();
        try (HearthRig rig = new HearthRig(directory)) {
            rig.put("llama-3-8b/config.json", "{}".getBytes(StandardCharsets.UTF_8));
            rig.put("llama-3-8b/model-00001-of-00004.safetensors", new byte[3 << 20]);
            String master = rig.startMaster().ready();
            String worker = rig.startWorker().ready();
            String mountPoint = rig.mountPoint("llama").toString();
            DocScript.read(HearthRig.ROOT.resolve("README.md"))
                    .run(
                            rig.shell,
                            "cd " + HearthRig.ROOT,
                            // The daemons run already: the page's lines are what they said.
                            command -> command.startsWith("export ")
                                    ? ":"
                                    : withoutBar(command)
                                            .replace(
                                                    "https://s3.example.com",
                                                    rig.store.endpoint().toString())
                                            .replace("s3://models/", "s3://" + HearthRig.BUCKET + "/")
                                            .replace("/mnt/llama", mountPoint)
                                            .replaceFirst("^bin/hearth master$", "echo '" + master + "'")
                                            .replaceFirst("^bin/hearth worker$", "echo '" + worker + "'"),
                            said -> said.replaceFirst("http://127.0.0.1:\\d+, state", "http://127.0.0.1:7070, state")
                                    .replaceFirst("data on 127.0.0.1:\\d+", "data on 127.0.0.1:7071")
                                    .replaceFirst("health on http://127.0.0.1:\\d+", "health on http://127.0.0.1:7072")
                                    .replace(rig.home().toString(), "/root/.hearth")
                                    .replace(mountPoint, "/mnt/llama"));
        }
    }

    /** On the reader's terminal the bar is gone at the end; here lines would stay in its place. */
    private static String withoutBar(String command) {
        return command.replaceFirst(" --wait$", " --wait 2>/dev/null");
    }

    private static void put(HearthRig rig, String key, String text) {
        rig.put(key, text.getBytes(StandardCharsets.UTF_8));
    }
}
