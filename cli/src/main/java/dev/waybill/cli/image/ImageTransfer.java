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
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

  /** Puts the image into the platform's registry. */
  static Digest take(Target target, Path source, String reference) {
    Reference name = parsed(reference);
    try (var registry = RegistrySession.own(target, RegistrySession.repositoryOf(name))) {
      if (Files.isDirectory(source)) {
        return new ImageArchive(Caller.path(source.toString())).push(registry, name.manifestKey());
      }
      Path unpacked = Files.createTempDirectory("waybill-import-");
      try (InputStream tar = new BufferedInputStream(Files.newInputStream(source))) {
        TarUnpack.unpack(tar, unpacked);
        return new ImageArchive(unpacked).push(registry, name.manifestKey());
      } finally {
        remove(unpacked);
      }
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
