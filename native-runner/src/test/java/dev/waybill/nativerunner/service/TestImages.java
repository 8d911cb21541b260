package dev.waybill.nativerunner.service;

import java.io.IOException;
import java.nio.file.Path;

/** Bundles for tests of other packages. */
public final class TestImages {
  private TestImages() {}

  /** A bundle that runs the guest, without a cgroup namespace so that its cgroup shows. */
  public static Path bundle(Path dir, String... words) throws IOException {
    return Path.of(new TestBundle(dir).without("cgroup").guest(words).write());
  }

  /** A bundle whose container sees its own cgroups and may write there. */
  public static Path bundleWithCgroups(Path dir, String... words) throws IOException {
    return Path.of(
        new TestBundle(dir)
            .mount("{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\",\"source\":\"cgroup\"}")
            .guest(words)
            .write());
  }
}
