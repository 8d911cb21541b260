package dev.waybill.cli.image;

import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.Target;
import dev.waybill.cli.caller.Caller;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Reference;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Moves images between the platform's registry and others. */
final class ImageTransfer {
  private ImageTransfer() {}

  /** {@code waybill image push} */
  @Command(
      name = "push",
      description = "Copies an image to another registry.",
      mixinStandardHelpOptions = true)
  static final class Push implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(index = "0", paramLabel = "REFERENCE", description = "In the platform's registry.")
    String reference = "";

    @Parameters(index = "1", paramLabel = "DEST", description = "HOST/REPOSITORY[:TAG].")
    String destination = "";

    @Override
    public void run() {
      Reference from = parsed(reference);
      Reference to = parsed(destination);
      try (var source =
              RegistrySession.own(
                  connection.client().target(), RegistrySession.repositoryOf(from));
          var target = RegistrySession.at(to.host(), to.apiHost(), to.repository())) {
        Digest digest = source.copy(from.manifestKey(), target, to.manifestKey());
        Caller.stdout().println(to.familiar() + "@" + digest);
      }
    }
  }

  /** {@code waybill image import} */
  @Command(
      name = "import",
      description = "Takes an image from an OCI layout or an archive of 'docker save'.",
      mixinStandardHelpOptions = true)
  static final class Import implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(index = "0", paramLabel = "FILE|DIR")
    Path source = Path.of("");

    @Parameters(index = "1", paramLabel = "REFERENCE", description = "Like team/app:1.")
    String reference = "";

    @Override
    public void run() {
      Caller.stdout()
          .println(reference + "@" + take(connection.client().target(), source, reference));
    }
  }

  /** {@code waybill image load} */
  @Command(
      name = "load",
      description = "Takes all images that have a name from an archive.",
      mixinStandardHelpOptions = true)
  static final class Load implements Runnable {
    @Mixin Connection connection = new Connection();

    @Option(
        names = {"-i", "--input"},
        paramLabel = "FILE",
        description = "The archive (default: the input).")
    Optional<String> input = Optional.empty();

    @Override
    public void run() {
      Target target = connection.client().target();
      String shown = input.orElse("the input");
      try (InputStream tar = input.isEmpty() ? Caller.current().in() : open(input.get())) {
        unpacked(tar, archive -> load(target, archive, shown));
      } catch (NoSuchFileException e) {
        throw CliException.failed("no file '%s'".formatted(e.getFile()));
      } catch (IOException e) {
        throw CliException.failed("cannot load %s: %s".formatted(shown, e.getMessage()));
      }
    }

    private static InputStream open(String file) throws IOException {
      return Files.newInputStream(Caller.path(file));
    }

    private static void load(Target target, ImageArchive archive, String shown) throws IOException {
      Map<String, ImageArchive.Push> images = archive.named();
      if (images.isEmpty()) {
        throw CliException.failed(
            "no image in %s has a name, use 'waybill image import FILE REFERENCE'"
                .formatted(shown));
      }
      for (Map.Entry<String, ImageArchive.Push> image : images.entrySet()) {
        Reference name = parsed(image.getKey());
        try (var registry = RegistrySession.own(target, RegistrySession.repositoryOf(name))) {
          Digest digest = image.getValue().to(registry, name.manifestKey());
          Caller.stdout().println(name.familiar() + "@" + digest);
        }
      }
    }
  }

  /** {@code waybill image tag} */
  @Command(
      name = "tag",
      description = "Gives an image another name.",
      mixinStandardHelpOptions = true)
  static final class Tag implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(index = "0", paramLabel = "REFERENCE")
    String reference = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "Like team/app:stable.")
    String name = "";

    @Override
    public void run() {
      Reference from = parsed(reference);
      Reference to = parsed(name);
      if (to.digest() != null) {
        throw CliException.usage("'%s' is a digest, a name has a tag".formatted(name));
      }
      Target target = connection.client().target();
      try (var source = RegistrySession.own(target, RegistrySession.repositoryOf(from));
          var destination = RegistrySession.own(target, RegistrySession.repositoryOf(to))) {
        Digest digest = source.copy(from.manifestKey(), destination, to.manifestKey());
        Caller.stdout().println(to.familiar() + "@" + digest);
      }
    }
  }

  /** What is done with an archive. */
  private interface Use {
    void of(ImageArchive archive) throws IOException;
  }

  private static void unpacked(InputStream tar, Use use) throws IOException {
    Path directory = Files.createTempDirectory("waybill-import-");
    try {
      TarUnpack.unpack(new BufferedInputStream(tar), directory);
      use.of(new ImageArchive(directory));
    } finally {
      remove(directory);
    }
  }

  /** Puts the image into the platform's registry. */
  static Digest take(Target target, Path source, String reference) {
    Reference name = parsed(reference);
    try (var registry = RegistrySession.own(target, RegistrySession.repositoryOf(name))) {
      if (Files.isDirectory(source)) {
        return new ImageArchive(Caller.path(source.toString())).push(registry, name.manifestKey());
      }
      var digest = new AtomicReference<Digest>();
      try (InputStream tar = Files.newInputStream(Caller.path(source.toString()))) {
        unpacked(tar, archive -> digest.set(archive.push(registry, name.manifestKey())));
      }
      return digest.get();
    } catch (NoSuchFileException e) {
      throw CliException.failed("no file '%s'".formatted(e.getFile()));
    } catch (IOException e) {
      throw CliException.failed("cannot import %s: %s".formatted(source, e.getMessage()));
    }
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  static Reference parsed(String text) {
    try {
      return Reference.parse(text);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    }
  }
}
