package io.hearth.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.Credentials;
import io.hearth.protocol.Credentials.Keys;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.DatasetSpec.EncryptOption;
import io.hearth.protocol.api.DatasetSpec.SecretKeyRef;
import io.hearth.protocol.api.DatasetSpec.ValueFrom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialReferencesTest {
    @TempDir
    private Path directory;

    @Test
    void theEnvironmentGivesKeysUnderAPrefix() {
        assertEquals(new Keys("AKIDENV", "secret-of-env", Optional.empty()), resolve("env"));
        assertEquals(new Keys("AKIDTEAM", "secret-of-team", Optional.of("token-of-team")), resolve("env:TEAM"));
        assertEquals(new Credentials.Anonymous(), resolve("anonymous"));
        assertEquals(new Credentials.DefaultChain(), resolve("default"));
        assertEquals(new CredentialReference.DefaultChain(), CredentialReference.parse(Optional.empty(), List.of()));
        refused(FailureKind.DENIED, "NOBODY_ACCESS_KEY_ID", () -> resolve("env:NOBODY"));
        refused(FailureKind.INVALID, "env:PREFIX", () -> resolve("env:NO-BODY"));
        refused(FailureKind.INVALID, "never the keys", () -> resolve("AKIA1234"));
    }

    @Test
    void aFileGivesAProfile() throws IOException {
        Path file = Files.writeString(directory.resolve("keys"), """
                # comment
                [default]
                aws_access_key_id = one
                aws_secret_access_key=two=three

                [other]
                aws_access_key_id = four
                aws_secret_access_key = five
                aws_session_token = six
                [half]
                aws_access_key_id = seven
                """);
        assertEquals(new Keys("one", "two=three", Optional.empty()), resolve("file:" + file));
        assertEquals(new Keys("four", "five", Optional.of("six")), resolve("file:" + file + "#other"));
        refused(FailureKind.DENIED, "aws_secret_access_key under [half]", () -> resolve("file:" + file + "#half"));
        refused(FailureKind.DENIED, "[none]", () -> resolve("file:" + file + "#none"));
        refused(FailureKind.DENIED, "no file", () -> resolve("file:" + directory + "/absent"));
        refused(FailureKind.DENIED, "cannot read", () -> resolve("file:" + directory));
        refused(FailureKind.INVALID, "absolute", () -> resolve("file:keys"));
    }

    @Test
    void aSecretIsADirectoryOfFiles() throws IOException {
        Path secret = Files.createDirectories(directory.resolve("secrets/team"));
        Files.writeString(secret.resolve("id"), "one\n");
        Files.writeString(secret.resolve("key"), "two\n");
        CredentialReference reference = CredentialReference.parse(
                Optional.empty(),
                List.of(option("accessKeyId", "team", "id"), option("secretAccessKey", "team", "key")));
        assertEquals(new Keys("one", "two", Optional.empty()), references().resolve(reference));
        assertEquals("secret:accessKeyId=team/id,secretAccessKey=team/key", reference.text());
        Files.delete(secret.resolve("key"));
        refused(FailureKind.DENIED, "secrets/team/key", () -> references().resolve(reference));
    }

    @Test
    void aSecretCannotLeaveItsDirectory() {
        for (String part : List.of("..", "../x", "/etc", "a/b", "", ".hidden", "a\0b")) {
            refused(
                    FailureKind.INVALID,
                    "is no name",
                    () -> CredentialReference.parse(
                            Optional.empty(),
                            List.of(option("accessKeyId", part, "id"), option("secretAccessKey", "team", "key"))));
            refused(
                    FailureKind.INVALID,
                    "is no name",
                    () -> CredentialReference.parse(
                            Optional.empty(),
                            List.of(option("accessKeyId", "team", part), option("secretAccessKey", "team", "key"))));
        }
        refused(
                FailureKind.INVALID,
                "need both",
                () -> CredentialReference.parse(Optional.empty(), List.of(option("accessKeyId", "team", "id"))));
        refused(
                FailureKind.INVALID,
                "exclude each other",
                () -> CredentialReference.parse(Optional.of("env"), List.of(option("accessKeyId", "team", "id"))));
        refused(
                FailureKind.INVALID,
                "not 'password'",
                () -> CredentialReference.parse(Optional.empty(), List.of(option("password", "team", "id"))));
    }

    private static EncryptOption option(String name, String secret, String key) {
        return new EncryptOption(name, new ValueFrom(new SecretKeyRef(secret, key)));
    }

    private Credentials resolve(String option) {
        return references().resolve(CredentialReference.parse(Optional.of(option), List.of()));
    }

    private CredentialReferences references() {
        return new CredentialReferences(TestMaster.ENVIRONMENT, directory.resolve("secrets"));
    }

    private static void refused(FailureKind kind, String part, Runnable call) {
        HearthException failure = assertThrows(HearthException.class, call::run);
        assertEquals(kind, failure.kind(), failure.getMessage());
        assertTrue(failure.getMessage().contains(part), failure.getMessage());
        assertFalse(failure.getMessage().contains("AKIA1234"), "a key is never quoted");
    }
}
