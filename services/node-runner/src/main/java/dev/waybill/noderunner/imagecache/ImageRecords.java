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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The documents of the images of this host: {@code DATA/images/DIGEST/{manifest,config}.json}. */
final class ImageRecords {
  private static final String MANIFEST = "manifest.json";
  private static final String CONFIG = "config.json";

  private final Path images;
  private final ImageLimits limits;

  private ImageRecords(Path images, ImageLimits limits) {
    this.images = images;
    this.limits = limits;
  }

  static ImageRecords open(Path data, ImageLimits limits) throws IOException {
    Path images = Files.createDirectories(data.resolve("images"));
    try (Stream<Path> entries = Files.list(images)) {
      for (Path entry : entries.filter(ImageRecords::isTemporary).toList()) {
        TreeRemoval.remove(entry);
      }
    }
    return new ImageRecords(images, limits);
  }

  private static boolean isTemporary(Path entry) {
    return entry.getFileName().toString().startsWith(".");
  }

  Optional<CachedImage> find(Digest digest) throws IOException {
    Path home = images.resolve(digest.hex());
    try {
      byte[] manifest = Files.readAllBytes(home.resolve(MANIFEST));
      if (!Digest.of(manifest).equals(digest)) {
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

  List<Digest> all() throws IOException {
    List<Digest> found = new ArrayList<>();
    try (Stream<Path> homes = Files.list(images)) {
      homes
          .filter(home -> !isTemporary(home))
          .sorted()
          .forEach(home -> found.add(new Digest("sha256", "" + home.getFileName())));
    }
    return found;
  }

  void remove(Digest digest) throws IOException {
    TreeRemoval.remove(images.resolve(digest.hex()));
  }
}
