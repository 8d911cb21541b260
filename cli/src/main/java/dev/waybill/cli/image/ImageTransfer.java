package dev.waybill.cli.image;

import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Reference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Moves images between the platform's registry and others. */
final class ImageTransfer {
  private static final String COPIES = "mirror/";

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
      try (var source = RegistrySession.own(connection.client().target(), repository(from));
          var target = RegistrySession.at(to.host(), to.apiHost(), to.repository())) {
        Digest digest = source.copy(from.manifestKey(), target, to.manifestKey());
        System.out.println(to.familiar() + "@" + digest);
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

  /** The repository of our registry for a name: as it was pushed, or the copy of another's. */
  static String repository(Reference reference) {
    return reference.origin() == Reference.HostOrigin.EXPLICIT
        ? COPIES + reference.host().replace(':', '_') + "/" + reference.repository()
        : reference.familiarRepository();
  }
}
