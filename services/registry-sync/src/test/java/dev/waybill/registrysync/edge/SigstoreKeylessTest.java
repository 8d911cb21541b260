package dev.waybill.registrysync.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.waybill.contracts.registry.Proof;
import dev.waybill.kernel.Digest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Keyless bundles of the real world. Their files aren't ours to keep here: a directory named by
 * {@code -Dwaybill.sigstore.samples} has {@code trusted_root.json}, {@code artifact} and {@code
 * bundle.json}, for example of a jar on Maven Central that comes with one.
 */
class SigstoreKeylessTest {
  @TempDir Path directory;

  @Test
  void a_file_that_is_no_trusted_root_is_refused_at_the_start() throws Exception {
    Path file = Files.writeString(directory.resolve("root.json"), "{\"x\":1}");
    assertThatThrownBy(() -> SigstoreKeyless.open(file))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("holds no sigstore trusted root");
  }

  @Test
  void a_real_bundle_names_its_identity_and_issuer_and_fits_its_artifact_alone() throws Exception {
    String samples = System.getProperty("waybill.sigstore.samples", "");
    assumeThat(samples).as("-Dwaybill.sigstore.samples").isNotEmpty();
    Path from = Path.of(samples);
    SigstoreKeyless keyless = SigstoreKeyless.open(from.resolve("trusted_root.json"));
    byte[] digest = sha256(Files.readAllBytes(from.resolve("artifact")));
    String bundle = Files.readString(from.resolve("bundle.json"));

    Proof proof = keyless.verify(digest, bundle);

    assertThat(proof.getFault()).isEmpty();
    assertThat(proof.getIdentity()).isNotEmpty();
    assertThat(proof.getIssuer()).startsWith("https://");
    assertThat(keyless.verify(sha256(new byte[] {1}), bundle).getFault()).isNotEmpty();
    assertThat(keyless.verify(digest, "{}").getFault()).isNotEmpty();
    assertThat(keyless.verify(digest, "no JSON").getFault()).isNotEmpty();
  }

  private static byte[] sha256(byte[] content) {
    return HexFormat.of().parseHex(Digest.of(content).hex());
  }
}
