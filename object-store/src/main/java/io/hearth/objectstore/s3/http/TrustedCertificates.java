package io.hearth.objectstore.s3.http;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * TLS as this machine trusts: the JVM's certificates and those of the operating system, where an organisation puts its
 * own. Who names a store by {@code javax.net.ssl.trustStore} gets that alone. Read once, when first asked; it blocks
 * then.
 */
final class TrustedCertificates implements Supplier<SslContext> {
    private static final List<Path> BUNDLES = List.of(
            Path.of("/etc/ssl/certs/ca-certificates.crt"),
            Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
            Path.of("/etc/ssl/ca-bundle.pem"),
            Path.of("/etc/ssl/cert.pem"));

    private Optional<SslContext> context = Optional.empty();

    @Override
    public synchronized SslContext get() {
        if (context.isEmpty()) {
            try {
                context = Optional.of(SslContextBuilder.forClient()
                        .sslProvider(SslProvider.JDK)
                        .trustManager(trust())
                        .endpointIdentificationAlgorithm("HTTPS")
                        .build());
            } catch (GeneralSecurityException | IOException e) {
                throw new CompletionException(new SSLException("the certificates to trust cannot be read", e));
            }
        }
        return context.get();
    }

    private static TrustManagerFactory trust() throws GeneralSecurityException, IOException {
        TrustManagerFactory ofTheJvm = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        ofTheJvm.init((KeyStore) null);
        if (System.getProperty("javax.net.ssl.trustStore") != null) {
            return ofTheJvm;
        }
        KeyStore all = KeyStore.getInstance(KeyStore.getDefaultType());
        all.load(null, null);
        int number = 0;
        for (TrustManager manager : ofTheJvm.getTrustManagers()) {
            if (manager instanceof X509TrustManager known) {
                for (X509Certificate certificate : known.getAcceptedIssuers()) {
                    all.setCertificateEntry("jvm-" + number++, certificate);
                }
            }
        }
        for (Certificate certificate : ofTheSystem()) {
            all.setCertificateEntry("system-" + number++, certificate);
        }
        TrustManagerFactory both = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        both.init(all);
        return both;
    }

    private static List<Certificate> ofTheSystem() throws GeneralSecurityException {
        Optional<Path> bundle = BUNDLES.stream().filter(Files::isReadable).findFirst();
        if (bundle.isEmpty()) {
            return List.of();
        }
        try (InputStream bytes = Files.newInputStream(bundle.get())) {
            return List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(bundle.get() + " cannot be read", e);
        }
    }
}
