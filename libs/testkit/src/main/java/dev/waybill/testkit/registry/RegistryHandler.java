package dev.waybill.testkit.registry;

import com.sun.net.httpserver.HttpExchange;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.ErrorCode;
import dev.waybill.oci.image.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Answers one request: finds what is asked for and lets the faults have their say. */
final class RegistryHandler {
  private static final Pattern MANIFEST = Pattern.compile("/v2/(.+)/manifests/([^/]+)");
  private static final Pattern BLOB = Pattern.compile("/v2/(.+)/blobs/([a-z0-9]+:[0-9a-f]+)");
  private static final Pattern UPLOAD = Pattern.compile("/v2/(.+)/blobs/uploads/([^/]*)");
  private static final Pattern TAGS = Pattern.compile("/v2/(.+)/tags/list");

  private final RegistryContent content;
  private final FaultBox faults;
  private final RegistryAuthentication authentication;
  private final LongConsumer sent;

  /**
   * @param sent told how many bytes of blobs went out
   */
  RegistryHandler(RegistryContent content, FaultBox faults, String host, LongConsumer sent) {
    this.content = content;
    this.faults = faults;
    this.sent = sent;
    this.authentication = new RegistryAuthentication(faults, host);
  }

  void handle(HttpExchange exchange) throws IOException {
    Reply reply = new Reply(exchange, sent);
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/token")) {
      authentication.token(reply);
      return;
    }
    Optional<Fault.Busy> busy = faults.take(Fault.Busy.class, _ -> true);
    if (busy.isPresent()) {
      reply.busy(busy.get());
      return;
    }
    if (!authentication.allows(reply)) {
      return;
    }
    dispatch(reply, exchange.getRequestMethod(), path);
  }

  private void dispatch(Reply reply, String method, String path) throws IOException {
    if (path.equals("/v2/") || path.equals("/v2")) {
      reply.json(200, "{}");
      return;
    }
    if (path.equals("/v2/_catalog")) {
      reply.json(200, "{\"repositories\":" + quoted(content.repositories()) + "}");
      return;
    }
    Matcher manifest = MANIFEST.matcher(path);
    if (manifest.matches()) {
      manifest(reply, method, manifest.group(1), manifest.group(2));
      return;
    }
    Matcher upload = UPLOAD.matcher(path);
    if (upload.matches()) {
      upload(reply, method, upload.group(1), upload.group(2));
      return;
    }
    Matcher blob = BLOB.matcher(path);
    if (blob.matches()) {
      blob(reply, Digest.parse(blob.group(2)));
      return;
    }
    Matcher tags = TAGS.matcher(path);
    if (tags.matches()) {
      tags(reply, tags.group(1));
      return;
    }
    reply.error(404, ErrorCode.UNSUPPORTED);
  }

  private void manifest(Reply reply, String method, String repository, String key)
      throws IOException {
    if (method.equals("PUT")) {
      String mediaType = reply.header("Content-Type").orElse(MediaTypes.OCI_MANIFEST);
      Digest digest = content.putManifest(repository, key, mediaType, reply.body());
      reply.set("Docker-Content-Digest", digest.toString());
      reply.set("Location", "/v2/" + repository + "/manifests/" + digest);
      reply.empty(201);
      return;
    }
    Optional<Fault.OversizeManifest> oversize = faults.find(Fault.OversizeManifest.class);
    if (oversize.isPresent()) {
      reply.set("Content-Type", MediaTypes.OCI_MANIFEST);
      reply.bytes(200, new byte[oversize.get().bytes()]);
      return;
    }
    Optional<Digest> digest = content.resolve(repository, key);
    if (digest.isEmpty()) {
      reply.error(404, ErrorCode.MANIFEST_UNKNOWN);
      return;
    }
    reply.set("Docker-Content-Digest", digest.get().toString());
    reply.set("Content-Type", content.mediaType(digest.get()));
    byte[] document = faulty(digest.get(), content.blob(digest.get()).orElseThrow());
    boolean breaks =
        faults
            .take(Fault.BrokenManifest.class, fault -> fault.digest().equals(digest.get()))
            .isPresent();
    if (breaks) {
      reply.part(document, 0, document.length, document.length / 2, () -> {});
      return;
    }
    reply.bytes(200, document);
  }

  private byte[] faulty(Digest digest, byte[] bytes) {
    Optional<Fault.Longer> longer =
        faults.find(Fault.Longer.class, fault -> fault.digest().equals(digest));
    if (longer.isPresent()) {
      return Arrays.copyOf(bytes, bytes.length + longer.get().extraBytes());
    }
    Optional<Fault.Shorter> shorter =
        faults.find(Fault.Shorter.class, fault -> fault.digest().equals(digest));
    if (shorter.isPresent()) {
      return Arrays.copyOf(bytes, bytes.length - shorter.get().missingBytes());
    }
    if (faults.find(Fault.WrongContent.class, fault -> fault.digest().equals(digest)).isEmpty()) {
      return bytes;
    }
    byte[] wrong = bytes.clone();
    wrong[wrong.length / 2] ^= 1;
    return wrong;
  }

  private void blob(Reply reply, Digest digest) throws IOException {
    Optional<Fault.Redirecting> elsewhere = faults.find(Fault.Redirecting.class);
    if (elsewhere.isPresent()) {
      reply.set("Location", elsewhere.get().prefix() + reply.path());
      reply.empty(307);
      return;
    }
    Optional<byte[]> bytes = content.blob(digest);
    if (bytes.isEmpty()) {
      reply.error(404, ErrorCode.BLOB_UNKNOWN);
      return;
    }
    byte[] whole = faulty(digest, bytes.get());
    boolean ranges = faults.find(Fault.WithoutRanges.class).isEmpty();
    int from = ranges ? reply.rangeStart() : 0;
    int to = ranges ? reply.rangeEnd(whole.length) : whole.length;
    if (from > whole.length) {
      reply.error(416, ErrorCode.SIZE_INVALID);
      return;
    }
    Optional<Fault.Truncated> cut =
        faults.take(Fault.Truncated.class, fault -> fault.digest().equals(digest));
    Optional<Fault.Stalled> stall =
        faults.take(Fault.Stalled.class, fault -> fault.digest().equals(digest));
    long count = cut.map(Fault.Truncated::afterBytes).orElse((long) whole.length);
    count = stall.map(Fault.Stalled::afterBytes).orElse(count);
    reply.part(whole, from, to, (int) Math.min(count, to - from), () -> hold(stall));
  }

  private void hold(Optional<Fault.Stalled> stall) throws IOException {
    if (stall.isPresent()) {
      try {
        faults.awaitClose();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("registry is closing", e);
      }
    }
  }

  private void upload(Reply reply, String method, String repository, String id) throws IOException {
    switch (method) {
      case "POST" -> {
        reply.set("Location", "/v2/" + repository + "/blobs/uploads/" + content.openUpload());
        reply.empty(202);
      }
      case "PATCH" -> {
        Optional<Integer> size = content.append(id, reply.body());
        reply.set("Location", "/v2/" + repository + "/blobs/uploads/" + id);
        reply.set("Range", "0-" + (size.orElse(1) - 1));
        reply.empty(size.isPresent() ? 202 : 404);
      }
      case "PUT" -> {
        content.append(id, reply.body());
        Digest digest = Digest.parse(reply.query("digest").orElse(""));
        if (content.finish(id, digest)) {
          reply.set("Docker-Content-Digest", digest.toString());
          reply.set("Location", "/v2/" + repository + "/blobs/" + digest);
          reply.empty(201);
        } else {
          reply.error(400, ErrorCode.DIGEST_INVALID);
        }
      }
      default -> reply.error(405, ErrorCode.UNSUPPORTED);
    }
  }

  private void tags(Reply reply, String repository) throws IOException {
    Optional<List<String>> tags = content.tags(repository);
    if (tags.isEmpty()) {
      reply.error(404, ErrorCode.NAME_UNKNOWN);
      return;
    }
    reply.json(200, "{\"name\":\"" + repository + "\",\"tags\":" + quoted(tags.get()) + "}");
  }

  private static String quoted(List<String> names) {
    return names.stream()
        .collect(Collectors.joining("\",\"", "[\"", "\"]"))
        .replace("[\"\"]", "[]");
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
