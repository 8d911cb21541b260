package dev.waybill.testkit.image;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A root and what it signs, good from a day before some moment for a year. */
final class TestCertificates {
  private static final String ROOT = "CN=root";
  private static final Duration AGE = Duration.ofDays(1);
  private static final Duration LIFE = Duration.ofDays(365);

  private TestCertificates() {}

  static X509Certificate root(KeyPair key, Instant now) throws GeneralSecurityException {
    return make(ROOT, key.getPublic(), key.getPrivate(), true, now);
  }

  static X509Certificate leaf(String subject, PublicKey key, PrivateKey rootKey, Instant now)
      throws GeneralSecurityException {
    return make(subject, key, rootKey, false, now);
  }

  private static X509Certificate make(
      String subject, PublicKey key, PrivateKey by, boolean authority, Instant now)
      throws GeneralSecurityException {
    var builder =
        new JcaX509v3CertificateBuilder(
            new X500Name(ROOT),
            BigInteger.valueOf(authority ? 1 : 2),
            Date.from(now.minus(AGE)),
            Date.from(now.plus(LIFE)),
            new X500Name(subject),
            key);
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by)));
    } catch (CertIOException | OperatorCreationException e) {
      throw new IllegalStateException("cannot make a certificate for " + subject, e);
    }
  }

  static String pem(X509Certificate certificate) {
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      writer.writeObject(certificate);
    } catch (IOException e) {
      throw new IllegalStateException("memory can always be written to", e);
    }
    return text.toString();
  }
}
