package dev.waybill.registrysync.gate;

import dev.waybill.contracts.spec.Signer;
import dev.waybill.testkit.image.ImageSigner;

/** Two keys that tests know. */
public final class TestKeys {
  public static final ImageSigner SIGNER = ImageSigner.create();
  public static final String PEM = SIGNER.pem();
  public static final String OTHER_PEM = ImageSigner.create().pem();
  public static final String ID = SignerIds.key(signer(PEM)).orElseThrow();

  private TestKeys() {}

  public static Signer signer(String pem) {
    return Signer.newBuilder().setName("release-key").setPublicKey(pem).build();
  }
}
