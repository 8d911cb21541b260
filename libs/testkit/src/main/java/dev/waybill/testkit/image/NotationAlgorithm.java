package dev.waybill.testkit.image;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;

/** The algorithms that Notation signs with. */
public enum NotationAlgorithm {
  ES256(-7, "secp256r1", 256),
  ES384(-35, "secp384r1", 384),
  ES512(-36, "secp521r1", 512),
  PS256(-37, "", 256),
  PS384(-38, "", 384),
  PS512(-39, "", 512);

  private static final int RSA_BITS = 2048;
  private static final int BYTE_BITS = 8;

  private final int coseId;
  private final String curve;
  private final int hashBits;

  NotationAlgorithm(int coseId, String curve, int hashBits) {
    this.coseId = coseId;
    this.curve = curve;
    this.hashBits = hashBits;
  }

  /** What COSE calls it. */
  int coseId() {
    return coseId;
  }

  KeyPair newKey() throws GeneralSecurityException {
    if (curve.isEmpty()) {
      KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
      rsa.initialize(RSA_BITS);
      return rsa.generateKeyPair();
    }
    KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
    ec.initialize(new ECGenParameterSpec(curve));
    return ec.generateKeyPair();
  }

  Signature signature() throws GeneralSecurityException {
    if (!curve.isEmpty()) {
      return Signature.getInstance("SHA" + hashBits + "withECDSAinP1363Format");
    }
    Signature signature = Signature.getInstance("RSASSA-PSS");
    String hash = "SHA-" + hashBits;
    signature.setParameter(
        new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), hashBits / BYTE_BITS, 1));
    return signature;
  }
}
