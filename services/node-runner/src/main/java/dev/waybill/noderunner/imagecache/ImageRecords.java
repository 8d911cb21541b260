package dev.waybill.noderunner.imagecache;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.layer.TreeRemoval;
import dev.waybill.oci.image.ImageConfigs;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The documents of the images of this host: {@code DATA/images/DIGEST/{manifest,config}.json}. */
final class ImageRecords {
  private static final String MANIFEST = "manifest.json";
  private static final String CONFIG = "config.json";

  private final Path images;
  private final ImageLimits limits;
  private final InstantSource clock;

  private ImageRecords(Path images, ImageLimits limits, InstantSource clock) {
    this.images = images;
    this.limits = limits;
    this.clock = clock;
  }

  static ImageRecords open(Path data, ImageLimits limits, InstantSource clock) throws IOException {
    Path images = Files.createDirectories(data.resolve("images"));
    try (Stream<Path> entries = Files.list(images)) {
      for (Path entry : entries.filter(ImageRecords::isTemporary).toList()) {
        TreeRemoval.remove(entry);
      }
    }
    return new ImageRecords(images, limits, clock);
  }

  private static boolean isTemporary(Path entry) {
    return entry.getFileName().toString().startsWith(".");
  }

  Optional<CachedImage> find(Digest digest) throws IOException {
    Path home = images.resolve(digest.hex());
    try {
      byte[] manifest = Files.readAllBytes(home.resolve(MANIFEST));
      if (!digest.likewise(manifest).equals(digest)) {
        throw new IOException("record of image " + digest + " is spoilt, remove " + home);
      }
      return Optional.of(
          new CachedImage(
              digest,
              (Manifest) ImageDocuments.read(manifest, null, limits),
              ImageConfigs.read(Files.readAllBytes(home.resolve(CONFIG)), limits)));
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
  }

  void keep(Digest digest, byte[] manifest, byte[] config) throws IOException {
    Path draft = Files.createTempDirectory(images, ".");
    try {
      Files.write(draft.resolve(MANIFEST), manifest);
      Files.write(draft.resolve(CONFIG), config);
      Path home = images.resolve(digest.hex());
      if (!Files.exists(home)) {
        Files.move(draft, home, StandardCopyOption.ATOMIC_MOVE);
      }
    } finally {
      TreeRemoval.remove(draft);
    }
  }

  /** With the time of their last use. */
  Map<Digest, Instant> all() throws IOException {
    Map<Digest, Instant> found = new TreeMap<>();
    try (Stream<Path> homes = Files.list(images)) {
      for (Path home : homes.filter(home -> !isTemporary(home)).toList()) {
        Instant used = Files.getLastModifiedTime(home).toInstant();
        found.put(Digest.ofHex("" + home.getFileName()), used);
      }
    }
    return found;
  }

  /** It is used now. */
  void used(Digest digest) throws IOException {
    FileTime now = FileTime.from(clock.instant());
    Files.setLastModifiedTime(images.resolve(digest.hex()), now);
  }

  void remove(Digest digest) throws IOException {
    TreeRemoval.remove(images.resolve(digest.hex()));
  }
}
