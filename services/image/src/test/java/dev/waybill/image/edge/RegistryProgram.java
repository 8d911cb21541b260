package dev.waybill.image.edge;

import dev.waybill.image.store.s3.S3BlobStore;
import dev.waybill.image.store.s3.S3Settings;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** A process that is a registry with its content in a bucket, until its input ends. */
final class RegistryProgram {
  private RegistryProgram() {}

  /** Arguments: directory, bucket, endpoint, credentials file. Prints where it listens. */
  public static void main(String[] arguments) throws Exception {
    Path data = Path.of(arguments[0]);
    S3Settings settings =
        new S3Settings(
            arguments[1],
            "",
            Optional.of(URI.create(arguments[2])),
            Optional.empty(),
            S3Settings.Addressing.PATH,
            Optional.of(Path.of(arguments[3])));
    try (S3BlobStore store = S3BlobStore.open(settings, data);
        RunningRegistry registry = RunningRegistry.start(data, store)) {
      System.out.println("listens " + registry.uri());
      System.in.readAllBytes();
    }
  }
}
