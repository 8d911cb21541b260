package dev.waybill.image.store.s3;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** A large object that is made of parts. Closed before it is whole, there is nothing of it. */
final class S3Multipart implements AutoCloseable {
  private final S3Client client;
  private final S3Failures failures;
  private final String bucket;
  private final String key;
  private final String id;
  private final long partBytes;
  private final int partsAtOnce;
  private boolean whole;

  private S3Multipart(
      S3Client client,
      S3Failures failures,
      String bucket,
      String key,
      String id,
      long partBytes,
      int partsAtOnce) {
    this.client = client;
    this.failures = failures;
    this.bucket = bucket;
    this.key = key;
    this.id = id;
    this.partBytes = partBytes;
    this.partsAtOnce = partsAtOnce;
  }

  static S3Multipart begin(
      S3Client client,
      S3Failures failures,
      String bucket,
      String key,
      long partBytes,
      int partsAtOnce)
      throws IOException {
    String id =
        failures
            .telling(key, () -> client.createMultipartUpload(it -> it.bucket(bucket).key(key)))
            .uploadId();
    return new S3Multipart(client, failures, bucket, key, id, partBytes, partsAtOnce);
  }

  /** Has the server get one part, from 1 on. */
  interface Part {
    CompletedPart send(int number, long offset, long length) throws IOException;
  }

  /** Sends all parts of so many bytes, some side by side, and makes them one object. */
  void send(long size, Part part) throws IOException {
    List<CompletedPart> parts = new ArrayList<>();
    try (ExecutorService tasks =
        Executors.newFixedThreadPool(partsAtOnce, Thread.ofVirtual().factory())) {
      ExecutorCompletionService<CompletedPart> done = new ExecutorCompletionService<>(tasks);
      int count = 0;
      for (long offset = 0; offset < size; offset += partBytes) {
        int number = ++count;
        long from = offset;
        done.submit(() -> part.send(number, from, Math.min(partBytes, size - from)));
      }
      try {
        while (parts.size() < count) {
          parts.add(done.take().get());
        }
      } catch (ExecutionException e) {
        tasks.shutdownNow(); // One is enough to fail the whole: the others needn't go on.
        throw unwrapped(e);
      } catch (InterruptedException e) {
        tasks.shutdownNow();
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while sending " + key, e);
      }
    }
    complete(parts.stream().sorted(Comparator.comparing(CompletedPart::partNumber)).toList());
  }

  private static IOException unwrapped(ExecutionException e) {
    return switch (e.getCause()) {
      case IOException failed -> failed;
      case RuntimeException bug -> throw bug;
      case null, default -> new IOException("a part could not be sent", e.getCause());
    };
  }

  private void complete(List<CompletedPart> parts) throws IOException {
    failures.telling(
        key,
        () ->
            client.completeMultipartUpload(
                it ->
                    it.bucket(bucket)
                        .key(key)
                        .uploadId(id)
                        .multipartUpload(all -> all.parts(parts))));
    whole = true;
  }

  /** A part of a file. */
  CompletedPart part(Path file, int number, long offset, long length) throws IOException {
    FilePart part = new FilePart(file, offset, length);
    String md5 = part.md5();
    String tag =
        failures
            .telling(
                key,
                () ->
                    client.uploadPart(
                        it ->
                            it.bucket(bucket)
                                .key(key)
                                .uploadId(id)
                                .partNumber(number)
                                .contentMD5(md5),
                        part.body()))
            .eTag();
    return CompletedPart.builder().partNumber(number).eTag(tag).build();
  }

  /** A part of another object of the bucket. */
  CompletedPart partOf(String source, int number, long offset, long length) throws IOException {
    String tag =
        failures
            .telling(
                source,
                () ->
                    client.uploadPartCopy(
                        it ->
                            it.sourceBucket(bucket)
                                .sourceKey(source)
                                .copySourceRange("bytes=" + offset + "-" + (offset + length - 1))
                                .destinationBucket(bucket)
                                .destinationKey(key)
                                .uploadId(id)
                                .partNumber(number)))
            .copyPartResult()
            .eTag();
    return CompletedPart.builder().partNumber(number).eTag(tag).build();
  }

  @Override
  public void close() throws IOException {
    if (!whole) {
      failures.telling(
          key, () -> client.abortMultipartUpload(it -> it.bucket(bucket).key(key).uploadId(id)));
    }
  }
}
