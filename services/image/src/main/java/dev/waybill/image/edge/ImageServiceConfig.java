package dev.waybill.image.edge;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Settings of the image service. */
@ConfigMapping(prefix = "waybill.image")
public interface ImageServiceConfig {
  /** Whether this process serves images. */
  @WithDefault("true")
  boolean enabled();

  /** Directory of the store; one process at a time. */
  Path dataDirectory();

  /** Where the content of images is kept; what names it is in {@link #dataDirectory()} always. */
  @WithDefault("disk")
  Storage storage();

  /** A place for content. */
  enum Storage {
    /** The data directory. */
    DISK,
    /** A bucket of an object storage that speaks S3. */
    S3
  }

  /** The bucket, where {@link #storage()} says so. */
  S3 s3();

  /** Settings of the object storage. */
  interface S3 {
    /** Name of a bucket that exists; required. */
    Optional<String> bucket();

    /** What all keys begin with; one process at a time. */
    Optional<String> prefix();

    /** {@code http[s]://HOST[:PORT]} of a server other than Amazon's. */
    Optional<URI> endpoint();

    /** Region of the bucket; what the AWS SDK finds where absent. */
    Optional<String> region();

    /** Whether the bucket is named in the path of a URL, as most other servers want it. */
    @WithDefault("false")
    boolean pathStyle();

    /**
     * File with a log-in as {@code ~/.aws/credentials} has it, in the profile {@code default}; read
     * for each request. What the AWS SDK finds where absent: environment, profile, machine.
     */
    Optional<Path> credentialsFile();
  }

  /** The user whose password {@link #tokenFile()} holds. */
  @WithDefault("admin")
  String user();

  /** File that holds the registry's password, which is the administrator's token. */
  Path tokenFile();

  /**
   * Further addresses, {@code host[:port]}, under which this registry is known; the loopback
   * address with the port that it listens on always is.
   */
  Optional<List<String>> hosts();

  /** Platform to pull for, {@code os/architecture}; this machine's where absent. */
  Optional<String> platform();

  /** Log-ins to other registries, a file as {@code docker login} writes it; read for each pull. */
  Optional<Path> credentialsFile();

  /**
   * Certificate authorities of other registries, {@code host[:port]/NAME.crt}, as {@code
   * /etc/docker/certs.d} has them; the system's where absent.
   */
  Optional<Path> certificatesDirectory();

  /** Port on which the registry is served over TLS too; 0 takes a free one, absent none. */
  OptionalInt tlsPort();

  /** Address that the TLS port is bound to. */
  @WithDefault("0.0.0.0")
  String tlsHost();

  /**
   * PEM file with the certificate of the TLS port and its chain; looked at again when it changes.
   */
  Optional<Path> tlsCertificateFile();

  /** PEM file with the certificate's private key. */
  Optional<Path> tlsKeyFile();

  /** Log-ins that registry-sync keeps by namespace; asked before {@link #credentialsFile()}. */
  Optional<Path> loginsFile();

  /** The key of {@link #loginsFile()}. */
  Optional<Path> loginsKeyFile();

  /** Bytes that come from one other registry in a second, over all pulls; no limit where absent. */
  OptionalLong upstreamBytesPerSecond();

  /** Pulls that are under way at once; 1 or more. */
  @WithDefault("16")
  int pullsMax();

  /** Layers that are fetched at once, over all pulls; 1 or more. */
  @WithDefault("6")
  int layerFetchesMax();

  /** Bytes of one blob that is pushed. */
  @WithDefault("68719476736")
  long blobBytesMax();

  /** Uploads that are open at once. */
  @WithDefault("1000")
  int uploadsMax();

  /**
   * Bytes that repositories may hold by a prefix of their path; what they have in common counts
   * once. What is pulled isn't refused, but counts.
   */
  Map<String, Long> quotaBytes();

  /** Bytes that all repositories together may hold; no limit but the disk's where absent. */
  OptionalLong quotaBytesTotal();

  /** Manifests of one repository. */
  @WithDefault("100000")
  int manifestsMax();

  /** Tags of one repository. */
  @WithDefault("100000")
  int tagsMax();

  /** How long an upload may rest before it is dropped. */
  @WithDefault("30m")
  Duration uploadIdle();

  /** Within which each stored blob is read once to see whether it is still what it was. */
  @WithDefault("168h")
  Duration scrubPeriod();

  /** Bytes that are read for that in a second at most. */
  @WithDefault("16777216")
  long scrubBytesPerSecond();

  /** How long damaged content is kept for people to look at. */
  @WithDefault("720h")
  Duration quarantineAge();

  /** Bytes of damaged content that are kept; the oldest goes first. */
  @WithDefault("10737418240")
  long quarantineBytesMax();

  /**
   * Requests that one address may make of the registry in a second, over time; ten seconds' worth
   * may come at once. More are refused with 429. No limit where absent.
   */
  OptionalInt requestsPerSecond();

  /** How long a blob is kept for a manifest that is still to come. */
  @WithDefault("10m")
  Duration lease();
}
