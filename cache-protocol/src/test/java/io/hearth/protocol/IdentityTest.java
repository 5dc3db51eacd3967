package io.hearth.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.Ticket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class IdentityTest {
    private static final ObjectRef OBJECT = new ObjectRef("o", "k", new Validator.StrongEtag("\"e\""), 5);

    @Test
    void everyPartOfAnObjectIsInItsId() {
        assertEquals(OBJECT.id(), new ObjectRef("o", "k", new Validator.StrongEtag("\"e\""), 5).id());
        for (ObjectRef other : new ObjectRef[] {
            new ObjectRef("p", "k", OBJECT.validator(), 5),
            new ObjectRef("o", "l", OBJECT.validator(), 5),
            new ObjectRef("o", "k", new Validator.VersionId("\"e\""), 5),
            new ObjectRef("o", "k", OBJECT.validator(), 6),
            new ObjectRef("ok", "", OBJECT.validator(), 5)
        }) {
            assertNotEquals(OBJECT.id(), other.id(), other.toString());
        }
        assertEquals(OBJECT.id(), ObjectId.parse(OBJECT.id().toString()));
    }

    @Test
    void twoCredentialScopesShareNoBytes() {
        OriginSpec origin = OriginSpec.parse(
                "s3://bucket/models", Optional.of(URI.create("http://127.0.0.1:9")), Optional.empty(), true);
        assertEquals("models/", origin.prefix());
        assertNotEquals(origin.id("a|env"), origin.id("b|env"));
    }

    @Test
    void malformedOriginsSayWhatIsExpected() {
        for (String uri : new String[] {"bucket", "http://x/y", "s3://", "s3:///key"}) {
            HearthException refused = assertThrows(
                    HearthException.class, () -> OriginSpec.parse(uri, Optional.empty(), Optional.empty(), false), uri);
            assertEquals(FailureKind.INVALID, refused.kind());
        }
    }

    @Test
    void secretsAreInTheTicketsJsonAndNowhereElse() {
        OriginSpec origin = OriginSpec.parse("s3://bucket", Optional.empty(), Optional.empty(), false);
        Credentials keys = new Credentials.SigningKeys(
                "AKIATEST", Optional.of("t0ken"), "us-east-1", new TreeMap<>(Map.of("20261122", "s3cr3t")));
        Ticket ticket = Ticket.of(Map.of("id", new OriginAccess(origin, keys)), 5);
        String printed = ticket + " " + ticket.access() + " " + keys;
        assertFalse(printed.contains("s3cr3t") || printed.contains("t0ken") || printed.contains("AKIATEST"), printed);
        Ticket read = Json.read(Json.write(ticket), Ticket.class);
        assertEquals(keys, read.access().get("id").credentials());
    }

    @Test
    void noTicketHoldsASecretKey() {
        OriginSpec origin = OriginSpec.parse("s3://bucket", Optional.empty(), Optional.empty(), false);
        Credentials keys = new Credentials.Keys("AKIATEST", "s3cr3t", Optional.empty());
        assertThrows(IllegalArgumentException.class, () -> Ticket.of(Map.of("id", new OriginAccess(origin, keys)), 5));
    }

    @Test
    void aTicketOfAFormThatIsNotKnownGivesNoAccess() {
        for (String auth : new String[] {"keys", "sts-session", "signing-keys"}) {
            String json =
                    "{\"grants\":[{\"origin\":\"o\",\"bucket\":\"b\",\"prefix\":\"\",\"pathStyle\":true,\"auth\":\""
                            + auth + "\"}],\"expiresAtMs\":5}";
            Ticket ticket = Json.read(json.getBytes(StandardCharsets.UTF_8), Ticket.class);
            HearthException refused = assertThrows(HearthException.class, ticket::access, auth);
            assertEquals(FailureKind.UNSUPPORTED_VERSION, refused.kind());
        }
    }

    @Test
    void weakEtagsAreNoValidators() {
        assertTrue(Validator.ofListing("W/\"x\"", 5).weak());
        assertTrue(Validator.ofListing(null, 5).weak());
        assertEquals(new Validator.StrongEtag("\"x\""), Validator.ofListing("x", 5));
        for (Validator validator : new Validator[] {
            new Validator.VersionId("1"), new Validator.StrongEtag("\"x\""), new Validator.LastModified(9)
        }) {
            assertEquals(validator, Validator.parse(validator.text()));
        }
    }

    @Test
    void namesAreDnsLabels() {
        for (String bad : new String[] {"", "A", "-a", "a-", "a.b", "a/b", "a".repeat(64)}) {
            assertThrows(HearthException.class, () -> new DatasetName("default", bad), bad);
        }
        assertEquals("default/a-1", new DatasetName("default", "a-1").toString());
    }

    @Test
    void malformedDocumentsSayWhere() {
        HearthException refused = assertThrows(
                HearthException.class,
                () -> Json.read(
                        "{\"name\": \"x\",\n \"spek\": {}}".getBytes(StandardCharsets.UTF_8),
                        io.hearth.protocol.api.NewDataset.class));
        assertTrue(refused.getMessage().contains("spek"), refused.getMessage());
        assertTrue(refused.getMessage().contains("line 2"), refused.getMessage());
    }
}
