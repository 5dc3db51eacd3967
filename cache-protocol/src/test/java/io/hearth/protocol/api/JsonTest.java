package io.hearth.protocol.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void saysInTheUsersWordsWhereADocumentIsWrong() {
        refused("it is no JSON (line 1)", "{");
        refused("it has another form (line 1)", "[]");
        refused("unknown field 'zzz' (line 1)", "{\"zzz\":1}");
        refused(
                "unknown field 'spec.mounts[0].zzz' (line 1)",
                "{\"spec\":{\"mounts\":[{\"mountPoint\":\"s3://b\",\"zzz\":1}]}}");
        refused("spec.mounts is missing or of the wrong type (line 1)", "{\"spec\":{\"mounts\":\"a\"}}");
        refused("mounts[] has an empty entry: fill it in or remove it", "{\"spec\":{\"mounts\":[null]}}");
        refused(
                "the mount option 'region' has no value: give one or remove it",
                "{\"spec\":{\"mounts\":[{\"mountPoint\":\"s3://b\",\"options\":{\"region\":null}}]}}");
    }

    private static void refused(String reason, String json) {
        HearthException failure = assertThrows(HearthException.class, () -> Json.read(json, NewDataset.class));
        assertEquals("the document cannot be read: " + reason, failure.getMessage());
        assertEquals(FailureKind.INVALID, failure.kind());
    }
}
