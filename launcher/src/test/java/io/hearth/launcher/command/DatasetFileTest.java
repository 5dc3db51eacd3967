package io.hearth.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.launcher.command.DatasetSource.Declared;
import io.hearth.protocol.HearthException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetFileTest {
    @TempDir
    Path directory;

    @Test
    void fluidsWordsAreTaken() throws Exception {
        Declared declared = read("""
                apiVersion: data.fluid.io/v1alpha1
                kind: Dataset
                metadata:
                  name: demo
                  namespace: team-a
                spec:
                  accessModes: [ReadOnlyMany]
                  mounts:
                    - mountPoint: s3://bucket/a
                      name: a
                      path: /a
                      readOnly: true
                      options:
                        endpoint: http://127.0.0.1:9000
                        pathStyle: true
                      encryptOptions:
                        - name: accessKeyId
                          valueFrom:
                            secretKeyRef: { name: keys, key: id }
                    - mountPoint: s3://bucket/b
                      name: b
                """);
        assertEquals("team-a/demo", declared.name().toString());
        assertEquals(2, declared.spec().mounts().size());
        assertEquals(
                Map.of("endpoint", "http://127.0.0.1:9000", "pathStyle", "true"),
                declared.spec().mounts().get(0).options());
        assertEquals(
                "keys",
                declared.spec()
                        .mounts()
                        .get(0)
                        .encryptOptions()
                        .get(0)
                        .valueFrom()
                        .secretKeyRef()
                        .name());
    }

    @Test
    void whatCannotBeTakenIsNamed() {
        refused(
                "accessModes must be a list",
                "metadata: {name: x}\nspec: {accessModes: ReadWriteMany, mounts: [{mountPoint: s3://b}]}\n");
        refused("mounts[] has an empty entry", "metadata: {name: x}\nspec: {mounts: [null]}\n");
        refused(
                "option 'region' has no value",
                "metadata: {name: x}\nspec: {mounts: [{mountPoint: s3://b, options: {region: null}}]}\n");
        refused("unknown field 'sepc'", "kind: Dataset\nmetadata: {name: x}\nsepc: {}\n");
        refused("kind is 'AlluxioRuntime'", "kind: AlluxioRuntime\nmetadata: {name: x}\nspec: {}\n");
        refused("metadata.name is missing", "kind: Dataset\nspec: {mounts: [{mountPoint: s3://b}]}\n");
        refused("at least one mount", "metadata: {name: x}\nspec: {mounts: []}\n");
        refused("mountPoint is missing", "metadata: {name: x}\nspec: {mounts: [{name: b}]}\n");
        refused("ecryptOptions", "metadata: {name: x}\nspec: {mounts: [{mountPoint: s3://b, ecryptOptions: []}]}\n");
        refused("ReadWriteMany", "metadata: {name: x}\nspec: {accessModes: [ReadWriteMany], mounts: []}\n");
        refused("not YAML in line 1", "a: [\n");
        refused("2 documents", "kind: Dataset\n---\nkind: Dataset\n");
        HearthException missing = assertThrows(
                HearthException.class,
                () -> DatasetFile.read(directory.resolve("none.yaml"), "default", Optional.empty()));
        assertTrue(missing.getMessage().contains("no such file"), missing.getMessage());
    }

    private void refused(String part, String yaml) {
        HearthException failure = assertThrows(HearthException.class, () -> read(yaml), yaml);
        assertTrue(failure.getMessage().contains(part), failure.getMessage());
    }

    private Declared read(String yaml) throws Exception {
        Path file = Files.writeString(directory.resolve("dataset.yaml"), yaml);
        return DatasetFile.read(file, "default", Optional.empty());
    }
}
