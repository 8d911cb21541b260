package dev.waybill.cli.image;

import dev.waybill.cli.CliException;
import dev.waybill.cli.api.Target;
import dev.waybill.cli.caller.Caller;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.RegistryRequest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageDocument;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.ImageIndex;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.MalformedImageException;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.Reference;
import dev.waybill.registryclient.ConnectionLimits;
import dev.waybill.registryclient.Credentials;
import dev.waybill.registryclient.Credentials.Login;
import dev.waybill.registryclient.DockerCredentials;
import dev.waybill.registryclient.RegistryConnection;
import dev.waybill.registryclient.RegistryConnection.Opened;
import dev.waybill.registryclient.RegistryFailedException;
import dev.waybill.registryclient.RegistryFailedException.Trouble;
import dev.waybill.registryclient.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/** One repository of one registry, to copy images from and to. */
public final class RegistrySession implements AutoCloseable {
  private static final int CREATED = 201;
  private static final String COPIES = "mirror/";

  private final Transport transport =
      new Transport(ConnectionLimits.DEFAULT, Thread::sleep, InstantSource.system());
  private final RegistryConnection registry;
  private final String apiHost;
  private final String repository;

  private RegistrySession(String apiHost, Optional<Login> login, String repository) {
    this.apiHost = apiHost;
    this.registry = new RegistryConnection(transport, apiHost, login);
    this.repository = repository;
  }

  /** In the platform's own registry. */
  public static RegistrySession own(Target target, String repository) {
    String host = target.endpoints().path("registry").asText();
    if (host.isEmpty()) {
      throw CliException.failed(
          "this platform names no registry, start it with 'waybill up' or name its --data");
    }
    return new RegistrySession(host, Optional.of(new Login("admin", target.token())), repository);
  }

  /** The repository of our registry for a name: as it was pushed, or the copy of another's. */
  public static String repositoryOf(Reference reference) {
    return reference.origin() == Reference.HostOrigin.EXPLICIT
        ? COPIES + reference.host().replace(':', '_') + "/" + reference.repository()
        : reference.familiarRepository();
  }

  /** Elsewhere, with the log-ins that {@code docker login} keeps. */
  static RegistrySession at(String host, String apiHost, String repository) {
    Credentials credentials =
        new DockerCredentials(
            Path.of(Caller.variable("HOME").orElse("/root"), ".docker/config.json"),
            Caller.current().environment());
    return new RegistrySession(apiHost, credentials.forHost(host), repository);
  }

  /** A manifest or an index, as it is stored. */
  public record Document(ImageDocument value, String mediaType, byte[] content) {}

  /** The document of this tag or digest, if there is one. */
  public Optional<Document> find(String key) {
    try (Opened _ = registry.open(RegistryRequest.manifestHead(repository, key))) {
      return Optional.of(document(key));
    } catch (RegistryFailedException e) {
      if (e.trouble() == Trouble.NOT_FOUND) {
        return Optional.empty();
      }
      throw CliException.failed(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  /** The document of this tag or digest. */
  public Document document(String key) {
    try (Opened opened = open(RegistryRequest.manifest(repository, key))) {
      int bytesMax = ImageLimits.DEFAULT.documentBytesMax();
      byte[] content = opened.body().readNBytes(bytesMax + 1);
      if (content.length > bytesMax || !isNamed(key, content)) {
        throw CliException.failed("manifest %s arrived as something else".formatted(key));
      }
      String type = opened.header("Content-Type").orElse(null);
      ImageDocument value = ImageDocuments.read(content, type, ImageLimits.DEFAULT);
      return new Document(value, value.mediaType(), content);
    } catch (MalformedImageException e) {
      throw CliException.failed("manifest %s: %s".formatted(key, e.getMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isNamed(String key, byte[] content) {
    return key.indexOf(':') < 0 || Digest.ofNamed(key, content).toString().equals(key);
  }

  /** A blob; the caller closes it. */
  public InputStream blob(Digest digest) {
    return open(RegistryRequest.blob(repository, digest)).body();
  }

  /** Sends a blob if it isn't there; the registry checks its digest. */
  public void put(Descriptor blob, Supplier<InputStream> content) {
    if (!has(blob.digest())) {
      send(blob, content, RegistryRequest.startUpload(repository));
    }
  }

  /** The same, taken over from another repository of this registry where that can be. */
  public void mount(Descriptor blob, String from, Supplier<InputStream> content) {
    if (!has(blob.digest())) {
      send(blob, content, RegistryRequest.mountBlob(repository, blob.digest(), from));
    }
  }

  private void send(Descriptor blob, Supplier<InputStream> content, RegistryRequest start) {
    String location;
    try (Opened started = open(start)) {
      if (started.response().statusCode() == CREATED) {
        return;
      }
      location = path(started.header("Location").orElse(""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    close(
        open(
            RegistryRequest.finishUpload(repository, location, blob.digest()),
            () -> body(content, blob.size())));
  }

  /** With its length, since not every registry takes a body in chunks. */
  private static BodyPublisher body(Supplier<InputStream> content, long size) {
    return size == 0
        ? BodyPublishers.noBody()
        : BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(content), size);
  }

  public void put(String key, String mediaType, byte[] document) {
    close(
        open(
            RegistryRequest.putManifest(repository, key, mediaType),
            () -> BodyPublishers.ofByteArray(document)));
  }

  /** Copies what {@code key} names here, and all below it, to {@code to} under {@code name}. */
  Digest copy(String key, RegistrySession to, String name) {
    Document document = document(key);
    switch (document.value()) {
      case Manifest manifest -> {
        send(manifest.config(), to);
        manifest.layers().forEach(layer -> send(layer, to));
      }
      case ImageIndex index -> {
        for (Descriptor entry : index.manifests()) {
          copy(entry.digest().toString(), to, entry.digest().toString());
        }
      }
    }
    to.put(name, document.mediaType(), document.content());
    return Digest.of(document.content());
  }

  private void send(Descriptor blob, RegistrySession to) {
    if (to.apiHost.equals(apiHost)) {
      to.mount(blob, repository, () -> blob(blob.digest()));
    } else {
      to.put(blob, () -> blob(blob.digest()));
    }
  }

  private boolean has(Digest digest) {
    try (Opened _ = registry.open(RegistryRequest.blobHead(repository, digest))) {
      return true;
    } catch (RegistryFailedException e) {
      if (e.trouble() == Trouble.NOT_FOUND) {
        return false;
      }
      throw CliException.failed(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private Opened open(RegistryRequest request) {
    return open(request, BodyPublishers::noBody);
  }

  private Opened open(RegistryRequest request, Supplier<BodyPublisher> body) {
    try {
      return registry.open(request, body);
    } catch (RegistryFailedException e) {
      throw CliException.failed(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static CliException interrupted() {
    Thread.currentThread().interrupt();
    return CliException.failed("interrupted");
  }

  private static String path(String location) {
    URI uri = URI.create(location);
    return uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
  }

  private static void close(Opened answered) {
    try {
      answered.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    transport.close();
  }
}
