package dev.waybill.image.store.s3;

import dev.waybill.image.store.StoreFailedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Object;

/** The objects below a prefix of a bucket. Keys are given without the prefix. */
final class S3Bucket implements AutoCloseable {
  private final S3Client client;
  private final S3Settings settings;
  private final S3Limits limits;
  private final S3Failures failures;

  S3Bucket(S3Client client, S3Settings settings, S3Limits limits) {
    this.client = client;
    this.settings = settings;
    this.limits = limits;
    this.failures = new S3Failures(settings);
  }

  /** An object as a listing has it. */
  record Entry(String key, long size, Instant modified) {}

  /** Every object below this key; asked for page by page. */
  List<Entry> list(String below) throws IOException {
    return failures.telling(
        below,
        () ->
            client
                .listObjectsV2Paginator(
                    list -> list.bucket(settings.bucket()).prefix(settings.prefix() + below))
                .contents()
                .stream()
                .map(this::entry)
                .toList());
  }

  private Entry entry(S3Object found) {
    return new Entry(
        found.key().substring(settings.prefix().length()), found.size(), found.lastModified());
  }

  /** Drops what a process that died had sent of large objects: it is kept, and paid for, else. */
  void abortUploads() throws IOException {
    List<MultipartUpload> abandoned =
        failures.telling(
            "",
            () ->
                client
                    .listMultipartUploadsPaginator(
                        list -> list.bucket(settings.bucket()).prefix(settings.prefix()))
                    .uploads()
                    .stream()
                    .toList());
    for (MultipartUpload upload : abandoned) {
      failures.telling(
          upload.key(),
          () ->
              client.abortMultipartUpload(
                  abort ->
                      abort
                          .bucket(settings.bucket())
                          .key(upload.key())
                          .uploadId(upload.uploadId())));
    }
  }

  /** Makes an object of a file. */
  void put(String key, Path file, long size) throws IOException {
    if (size <= limits.partBytes()) {
      FilePart whole = new FilePart(file, 0, size);
      String md5 = whole.md5();
      failures.telling(
          key,
          () ->
              client.putObject(
                  put -> put.bucket(settings.bucket()).key(full(key)).contentMD5(md5),
                  whole.body()));
      return;
    }
    try (S3Multipart upload = begin(key, limits.partBytes(size))) {
      upload.send(size, (number, offset, length) -> upload.part(file, number, offset, length));
    }
  }

  /** Makes another object of an object, on the server. */
  void copy(String key, String target, long size) throws IOException {
    if (size <= limits.copyBytes()) {
      failures.telling(
          key,
          () ->
              client.copyObject(
                  copy ->
                      copy.sourceBucket(settings.bucket())
                          .sourceKey(full(key))
                          .destinationBucket(settings.bucket())
                          .destinationKey(full(target))));
      return;
    }
    try (S3Multipart upload = begin(target, Math.max(limits.copyBytes(), limits.partBytes(size)))) {
      upload.send(
          size, (number, offset, length) -> upload.partOf(full(key), number, offset, length));
    }
  }

  private S3Multipart begin(String key, long partBytes) throws IOException {
    return S3Multipart.begin(
        client, failures, settings.bucket(), full(key), partBytes, limits.partsAtOnce());
  }

  /** Removes an object, if there is one. */
  void delete(String key) throws IOException {
    failures.telling(
        key, () -> client.deleteObject(delete -> delete.bucket(settings.bucket()).key(full(key))));
  }

  /**
   * Bytes of an object.
   *
   * @param size of the whole of it
   * @throws java.nio.file.NoSuchFileException if there is no such object
   * @throws OtherSizeException if it is of another size
   */
  InputStream open(String key, long size, long offset, long length) throws IOException {
    return S3Stream.open((from, count) -> get(key, size, from, count), failures, offset, length);
  }

  private ResponseInputStream<GetObjectResponse> get(
      String key, long size, long offset, long length) throws IOException {
    String range = offset + "-" + (offset + length - 1);
    ResponseInputStream<GetObjectResponse> answer =
        failures.telling(
            key,
            () ->
                client.getObject(
                    get -> get.bucket(settings.bucket()).key(full(key)).range("bytes=" + range)));
    String given = answer.response().contentRange();
    if (given == null) {
      answer.abort();
      throw new StoreFailedException(settings.place() + " gives no ranges of objects, use another");
    }
    if (!given.equals("bytes " + range + "/" + size)) {
      answer.abort();
      throw new OtherSizeException(key);
    }
    return answer;
  }

  private String full(String key) {
    return settings.prefix() + key;
  }

  @Override
  public void close() {
    client.close();
  }
}
