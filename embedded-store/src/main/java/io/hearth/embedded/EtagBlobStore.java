package io.hearth.embedded;

import com.google.common.hash.HashCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.domain.Blob;
import org.jclouds.blobstore.domain.BlobMetadata;
import org.jclouds.blobstore.domain.MultipartPart;
import org.jclouds.blobstore.domain.MultipartUpload;
import org.jclouds.blobstore.domain.MutableBlobMetadata;
import org.jclouds.blobstore.domain.PageSet;
import org.jclouds.blobstore.domain.StorageMetadata;
import org.jclouds.blobstore.domain.StorageType;
import org.jclouds.blobstore.domain.internal.PageSetImpl;
import org.jclouds.blobstore.domain.internal.StorageMetadataImpl;
import org.jclouds.blobstore.options.GetOptions;
import org.jclouds.blobstore.options.ListContainerOptions;
import org.jclouds.blobstore.options.PutOptions;
import org.jclouds.blobstore.util.ForwardingBlobStore;
import org.jclouds.http.HttpCommand;
import org.jclouds.http.HttpRequest;
import org.jclouds.http.HttpResponse;
import org.jclouds.http.HttpResponseException;

/** Gives every object the ETag of {@link FileEtags} and holds {@code If-Match} against it. */
final class EtagBlobStore extends ForwardingBlobStore {
    private static final int LOOKS_MAX = 10;

    private final FileEtags etags;

    EtagBlobStore(BlobStore inner, FileEtags etags) {
        super(inner);
        this.etags = etags;
    }

    @Override
    public String putBlob(String bucket, Blob blob) {
        return putBlob(bucket, blob, PutOptions.NONE);
    }

    @Override
    public String putBlob(String bucket, Blob blob, PutOptions options) {
        String etag = super.putBlob(bucket, blob, options);
        etags.trust(bucket, blob.getMetadata().getName());
        return etag;
    }

    @Override
    public String completeMultipartUpload(MultipartUpload upload, List<MultipartPart> parts) {
        String etag = super.completeMultipartUpload(upload, parts);
        etags.trust(upload.containerName(), upload.blobName());
        return etag;
    }

    @Override
    public Blob getBlob(String bucket, String key) {
        return getBlob(bucket, key, GetOptions.NONE);
    }

    @Override
    public Blob getBlob(String bucket, String key, GetOptions options) {
        for (int attempt = 0; attempt < LOOKS_MAX; attempt++) {
            Optional<FileEtags.Look> look = etags.look(bucket, key);
            Blob blob = look.isEmpty() || look.get().md5Stored()
                    ? super.getBlob(bucket, key, options)
                    : computed(bucket, key, options, look.get().etag());
            if (blob == null || look.equals(etags.look(bucket, key))) {
                return blob;
            }
            // Replaced between reading its attributes and opening it: the label may be another version's.
            blob.getPayload().release();
        }
        throw answer(503, "\"\"");
    }

    private Blob computed(String bucket, String key, GetOptions options, String etag) {
        if (options.getIfMatch() != null && !options.getIfMatch().equals(etag)) {
            throw answer(412, etag);
        }
        if (options.getIfNoneMatch() != null && options.getIfNoneMatch().equals(etag)) {
            throw answer(304, etag);
        }
        Blob blob = super.getBlob(bucket, key, withoutEtags(options));
        if (blob != null) {
            label(blob.getMetadata(), etag);
        }
        return blob;
    }

    @Override
    public BlobMetadata blobMetadata(String bucket, String key) {
        BlobMetadata metadata = super.blobMetadata(bucket, key);
        if (metadata instanceof MutableBlobMetadata mutable) {
            etags.look(bucket, key).filter(look -> !look.md5Stored()).ifPresent(look -> label(mutable, look.etag()));
        }
        return metadata;
    }

    @Override
    public PageSet<? extends StorageMetadata> list(String bucket) {
        return list(bucket, ListContainerOptions.NONE);
    }

    @Override
    public PageSet<? extends StorageMetadata> list(String bucket, ListContainerOptions options) {
        PageSet<? extends StorageMetadata> page = super.list(bucket, options);
        List<StorageMetadata> labelled = new ArrayList<>(page.size());
        for (StorageMetadata entry : page) {
            Optional<FileEtags.Look> look =
                    entry.getType() == StorageType.BLOB ? etags.look(bucket, entry.getName()) : Optional.empty();
            labelled.add(
                    look.isEmpty() || look.get().md5Stored()
                            ? entry
                            : labelled(entry, look.get().etag()));
        }
        return new PageSetImpl<>(labelled, page.getNextMarker());
    }

    private static StorageMetadata labelled(StorageMetadata entry, String etag) {
        return new StorageMetadataImpl(
                entry.getType(),
                entry.getProviderId(),
                entry.getName(),
                entry.getLocation(),
                entry.getUri(),
                etag,
                entry.getCreationDate(),
                entry.getLastModified(),
                entry.getUserMetadata(),
                entry.getSize(),
                entry.getTier());
    }

    private static void label(MutableBlobMetadata metadata, String etag) {
        metadata.setETag(etag);
        metadata.getContentMetadata().setContentMD5((HashCode) null);
    }

    /** The same range and times; there is no other way to take conditions out. */
    private static GetOptions withoutEtags(GetOptions options) {
        GetOptions kept = new GetOptions();
        for (String range : options.getRanges()) {
            String[] ends = range.split("-", -1);
            if (ends[0].isEmpty()) {
                kept.tail(Long.parseLong(ends[1]));
            } else if (ends[1].isEmpty()) {
                kept.startAt(Long.parseLong(ends[0]));
            } else {
                kept.range(Long.parseLong(ends[0]), Long.parseLong(ends[1]));
            }
        }
        if (options.getIfModifiedSince() != null) {
            kept.ifModifiedSince(options.getIfModifiedSince());
        }
        if (options.getIfUnmodifiedSince() != null) {
            kept.ifUnmodifiedSince(options.getIfUnmodifiedSince());
        }
        return kept;
    }

    private static HttpResponseException answer(int status, String etag) {
        HttpRequest request =
                HttpRequest.builder().method("GET").endpoint("http://127.0.0.1").build();
        HttpResponse response = HttpResponse.builder()
                .statusCode(status)
                .addHeader("ETag", etag)
                .build();
        return new HttpResponseException(new HttpCommand(request), response);
    }
}
