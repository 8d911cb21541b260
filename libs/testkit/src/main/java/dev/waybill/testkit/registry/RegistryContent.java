package dev.waybill.testkit.registry;

import dev.waybill.kernel.Digest;
import dev.waybill.testkit.image.MadeImage;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a loopback registry holds. Guarded by itself: requests come on many threads. */
final class RegistryContent {
  private final Map<Digest, byte[]> blobs = new TreeMap<>();
  private final Map<String, TreeMap<String, Digest>> tags = new TreeMap<>();
  private final Map<Digest, String> mediaTypes = new TreeMap<>();
  private final Map<String, ByteArrayOutputStream> uploads = new TreeMap<>();
  private int nextUpload;

  synchronized void add(String repository, String tag, MadeImage image) {
    blobs.putAll(image.blobs());
    for (MadeImage.Document document : image.documents()) {
      blobs.put(document.descriptor().digest(), document.content());
      mediaTypes.put(document.descriptor().digest(), document.descriptor().mediaType());
    }
    tags.computeIfAbsent(repository, _ -> new TreeMap<>()).put(tag, image.digest());
  }

  synchronized Digest putManifest(String repository, String key, String mediaType, byte[] content) {
    Digest digest = Digest.ofNamed(key, content);
    blobs.put(digest, content);
    mediaTypes.put(digest, mediaType);
    TreeMap<String, Digest> known = tags.computeIfAbsent(repository, _ -> new TreeMap<>());
    if (key.indexOf(':') < 0) {
      known.put(key, digest);
    }
    return digest;
  }

  synchronized Optional<Digest> resolve(String repository, String key) {
    if (key.indexOf(':') >= 0) {
      Digest digest = Digest.parse(key);
      return mediaTypes.containsKey(digest) ? Optional.of(digest) : Optional.empty();
    }
    return Optional.ofNullable(tags.getOrDefault(repository, new TreeMap<>()).get(key));
  }

  synchronized String mediaType(Digest digest) {
    return mediaTypes.getOrDefault(digest, "application/octet-stream");
  }

  synchronized Optional<byte[]> blob(Digest digest) {
    return Optional.ofNullable(blobs.get(digest));
  }

  synchronized Optional<List<String>> tags(String repository) {
    return Optional.ofNullable(tags.get(repository)).map(known -> List.copyOf(known.keySet()));
  }

  synchronized List<String> repositories() {
    return List.copyOf(tags.keySet());
  }

  synchronized String openUpload() {
    String id = "upload-" + nextUpload++;
    uploads.put(id, new ByteArrayOutputStream());
    return id;
  }

  /** The bytes the upload has after these, or nothing if there is no such upload. */
  synchronized Optional<Integer> append(String id, byte[] content) {
    ByteArrayOutputStream upload = uploads.get(id);
    if (upload == null) {
      return Optional.empty();
    }
    upload.writeBytes(content);
    return Optional.of(upload.size());
  }

  /** Whether the upload had that digest; it is closed either way. */
  synchronized boolean finish(String id, Digest expected) {
    ByteArrayOutputStream upload = uploads.remove(id);
    byte[] content = upload == null ? new byte[0] : upload.toByteArray();
    if (!expected.likewise(content).equals(expected)) {
      return false;
    }
    blobs.put(expected, content);
    return true;
  }
}
