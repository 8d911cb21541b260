package dev.waybill.registrysync.proof;

import dev.waybill.kernel.Digest;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A root and a certificate below it that signs as Notation does. */
record NotationAuthority(X509Certificate root, X509Certificate leaf, KeyPair signer) {

  static NotationAuthority create(String subject, Instant now) throws Exception {
    KeyPair rootKey = key();
    KeyPair leafKey = key();
    X509Certificate root = certificate("CN=root", "CN=root", rootKey, rootKey, true, now);
    X509Certificate leaf = certificate(subject, "CN=root", leafKey, rootKey, false, now);
    return new NotationAuthority(root, leaf, leafKey);
  }

  private static KeyPair key() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static X509Certificate certificate(
      String subject, String issuer, KeyPair key, KeyPair by, boolean authority, Instant now)
      throws Exception {
    var builder =
        new JcaX509v3CertificateBuilder(
            new X500Name(issuer),
            BigInteger.valueOf(authority ? 1 : 2),
            Date.from(now.minus(Duration.ofDays(1))),
            Date.from(now.plus(Duration.ofDays(365))),
            new X500Name(subject),
            key.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate())));
  }

  String pem() throws Exception {
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      writer.writeObject(root);
    }
    return text.toString();
  }

  byte[] envelope(Digest image) throws Exception {
    return envelope(image, "2030-01-01T00:00:00Z");
  }

  byte[] envelope(Digest image, String expiry) throws Exception {
    String payload =
        url(
            """
            {"targetArtifact":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":1}}"""
                .formatted(image));
    String header =
        url(
            """
            {"alg":"ES256","cty":"application/vnd.cncf.notary.payload.v1+json",\
            "crit":["io.cncf.notary.signingScheme","io.cncf.notary.expiry"],\
            "io.cncf.notary.expiry":"%s","io.cncf.notary.signingScheme":"notary.x509",\
            "io.cncf.notary.signingTime":"2026-11-24T12:00:00Z"}"""
                .formatted(expiry));
    Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initSign(signer.getPrivate());
    signature.update((header + "." + payload).getBytes(StandardCharsets.US_ASCII));
    String signed = Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
    return """
        {"payload":"%s","protected":"%s","header":{"x5c":["%s","%s"]},"signature":"%s"}"""
        .formatted(payload, header, der(leaf), der(root), signed)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String der(X509Certificate certificate) throws Exception {
    return Base64.getEncoder().encodeToString(certificate.getEncoded());
  }

  private static String url(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
