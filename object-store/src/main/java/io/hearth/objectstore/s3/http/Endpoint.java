package io.hearth.objectstore.s3.http;

import software.amazon.awssdk.http.SdkHttpRequest;

/** Where a request goes; connections are kept by it. */
record Endpoint(boolean tls, String host, int port) {
    static Endpoint of(SdkHttpRequest request) {
        return new Endpoint(request.protocol().equals("https"), request.host(), request.port());
    }

    /** The value of {@code Host}: without the port where that goes without saying. */
    String hostHeader() {
        return port == (tls ? 443 : 80) ? host : host + ":" + port;
    }
}
