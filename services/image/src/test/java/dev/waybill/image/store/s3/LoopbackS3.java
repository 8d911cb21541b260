package dev.waybill.image.store.s3;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.filesystem.FilesystemApiMetadata;
import org.jclouds.filesystem.reference.FilesystemConstants;
import software.amazon.awssdk.services.s3.S3Client;

/** An S3 server on the loopback address, with a bucket, and its objects in a directory. */
public final class LoopbackS3 implements AutoCloseable {
  public static final String BUCKET = "images";
  static final String KEY_ID = "waybill-test";
  static final String SECRET = "only-for-this-test";

  private final Path home;
  private final BlobStoreContext objects;
  private final int port;
  private S3Proxy server;

  private LoopbackS3(Path home) throws Exception {
    this.home = home;
    Properties properties = new Properties();
    properties.setProperty(
        FilesystemConstants.PROPERTY_BASEDIR,
        Files.createDirectories(home.resolve("objects")).toString());
    objects =
        ContextBuilder.newBuilder(new FilesystemApiMetadata())
            .credentials("identity", "credential")
            .overrides(properties)
            .build(BlobStoreContext.class);
    port = freePort();
    server = listen();
    try (S3Client client = client()) {
      client.createBucket(create -> create.bucket(BUCKET));
    }
  }

  /** A server that keeps everything below this directory. */
  public static LoopbackS3 start(Path home) throws Exception {
    return new LoopbackS3(home);
  }

  private S3Proxy listen() throws Exception {
    S3Proxy made =
        S3Proxy.builder()
            .blobStore(objects.getBlobStore())
            .endpoint(URI.create("http://127.0.0.1:" + port))
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, KEY_ID, SECRET)
            .build();
    made.start();
    return made;
  }

  /** The server ends at once, with whatever it is doing; its objects stay. */
  public void stop() throws Exception {
    server.stop();
  }

  /** It listens again, at the same address. */
  public void restart() throws Exception {
    server = listen();
  }

  public int port() {
    return port;
  }

  /** Settings that lead to this server. */
  public S3Settings settings(String prefix) {
    return settings(prefix, port);
  }

  /** The same by way of another port. */
  public S3Settings settings(String prefix, int by) {
    return new S3Settings(
        BUCKET,
        prefix,
        Optional.of(URI.create("http://127.0.0.1:" + by)),
        Optional.empty(),
        S3Settings.Addressing.PATH,
        Optional.of(credentials(KEY_ID, SECRET)));
  }

  /** A file with a log-in. */
  public Path credentials(String id, String secret) {
    try {
      return Files.writeString(
          Files.createTempFile(home, "credentials", ""),
          "[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n".formatted(id, secret));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Speaks to the server past the store. */
  public S3Client client() {
    return S3Connection.open(settings(""));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() throws Exception {
    server.stop();
    objects.close();
  }
}
