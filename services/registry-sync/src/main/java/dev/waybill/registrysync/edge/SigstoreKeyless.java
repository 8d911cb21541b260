package dev.waybill.registrysync.edge;

import dev.sigstore.KeylessVerificationException;
import dev.sigstore.KeylessVerifier;
import dev.sigstore.VerificationOptions;
import dev.sigstore.bundle.BundleParseException;
import dev.sigstore.trustroot.SigstoreConfigurationException;
import dev.sigstore.trustroot.SigstoreTrustedRoot;
import dev.waybill.contracts.registry.Proof;
import dev.waybill.registrysync.gate.SignerIds;
import dev.waybill.registrysync.proof.Keyless;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Keyless signatures by sigstore's own library, against a trusted root from a file: it asks nobody
 * on the network.
 *
 * @see <a href="https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md">Fulcio, OIDs</a>
 */
final class SigstoreKeyless implements Keyless {
  private static final String ISSUER = "1.3.6.1.4.1.57264.1.8";
  private static final String ISSUER_OLD = "1.3.6.1.4.1.57264.1.1";
  private static final int DER_OCTETS = 0x04;
  private static final int DER_UTF8 = 0x0c;

  private final KeylessVerifier verifier;

  private SigstoreKeyless(KeylessVerifier verifier) {
    this.verifier = verifier;
  }

  /**
   * With the trusted root in this file.
   *
   * @throws IllegalStateException if it holds none
   */
  static SigstoreKeyless open(Path trustedRoot) {
    try (InputStream in = Files.newInputStream(trustedRoot)) {
      SigstoreTrustedRoot root = SigstoreTrustedRoot.from(in);
      if (root.getCAs().isEmpty() || root.getTLogs().isEmpty()) {
        throw new SigstoreConfigurationException("it names no authority, or no transparency log");
      }
      return new SigstoreKeyless(KeylessVerifier.builder().trustedRootProvider(() -> root).build());
    } catch (IOException
        | GeneralSecurityException
        | SigstoreConfigurationException
        | RuntimeException e) {
      throw new IllegalStateException(
          "%s holds no sigstore trusted root: %s".formatted(trustedRoot, e.getMessage()), e);
    }
  }

  @Override
  public Proof verify(byte[] digest, String bundle) {
    try {
      var read = dev.sigstore.bundle.Bundle.from(new StringReader(bundle));
      verifier.verify(digest, read, VerificationOptions.empty());
      var signer = (X509Certificate) read.getCertPath().getCertificates().getFirst();
      return Proof.newBuilder()
          .setKind("keyless")
          .setKeyId(SignerIds.id(signer))
          .setIdentity(identity(signer))
          .setIssuer(issuer(signer))
          .build();
    } catch (BundleParseException
        | KeylessVerificationException
        | CertificateParsingException
        | RuntimeException e) {
      // The library throws unchecked what it finds malformed deep inside a bundle.
      return Proof.newBuilder().setKind("keyless").setFault(line(e)).build();
    }
  }

  private static String line(Exception e) {
    String message = e.getMessage();
    return message == null
        ? e.getClass().getSimpleName()
        : message.lines().findFirst().orElse(e.getClass().getSimpleName());
  }

  /** The one alternative name of the certificate: an address or a URI. */
  private static String identity(X509Certificate signer) throws CertificateParsingException {
    Collection<List<?>> names = signer.getSubjectAlternativeNames();
    if (names == null || names.size() != 1) {
      throw new CertificateParsingException("its certificate has not exactly one identity");
    }
    return String.valueOf(names.iterator().next().get(1));
  }

  /** The newer extension is a UTF8String, the older one bare text; both within an octet string. */
  private static String issuer(X509Certificate signer) throws CertificateParsingException {
    byte[] newer = signer.getExtensionValue(ISSUER);
    if (newer != null) {
      return new String(content(content(newer, DER_OCTETS), DER_UTF8), StandardCharsets.UTF_8);
    }
    byte[] older = signer.getExtensionValue(ISSUER_OLD);
    if (older == null) {
      throw new CertificateParsingException("its certificate names no issuer");
    }
    return new String(content(older, DER_OCTETS), StandardCharsets.UTF_8);
  }

  private static byte[] content(byte[] der, int tag) throws CertificateParsingException {
    boolean isShort = der.length > 1 && (der[1] & 0x80) == 0;
    boolean isLong = der.length > 2 && (der[1] & 0xff) == 0x81;
    if (der.length < 2 || (der[0] & 0xff) != tag || !(isShort || isLong)) {
      throw new CertificateParsingException("its issuer is malformed");
    }
    int from = isShort ? 2 : 3;
    int length = isShort ? der[1] : der[2] & 0xff;
    if (from + length != der.length) {
      throw new CertificateParsingException("its issuer is malformed");
    }
    return Arrays.copyOfRange(der, from, der.length);
  }
}
