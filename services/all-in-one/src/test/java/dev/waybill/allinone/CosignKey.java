package dev.waybill.allinone;

import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.crypto.engines.XSalsa20Engine;
import org.bouncycastle.crypto.generators.SCrypt;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/**
 * A private key in the file format of sigstore's clients: PKCS 8 in a secret box whose key is made
 * of the passphrase by scrypt.
 */
final class CosignKey {
  private static final int COST = 32_768;
  private static final int BLOCK = 8;
  private static final int LANES = 1;
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 24;
  private static final int TAG_BYTES = 16;

  private CosignKey() {}

  static String encrypted(PrivateKey key, String passphrase) {
    byte[] salt = new byte[KEY_BYTES];
    byte[] nonce = new byte[NONCE_BYTES];
    Arrays.fill(salt, (byte) 7);
    Arrays.fill(nonce, (byte) 9);
    byte[] secret =
        SCrypt.generate(
            passphrase.getBytes(StandardCharsets.UTF_8), salt, COST, BLOCK, LANES, KEY_BYTES);
    String json =
        """
        {"kdf":{"name":"scrypt","params":{"N":%d,"r":%d,"p":%d},"salt":"%s"},\
        "cipher":{"name":"nacl/secretbox","nonce":"%s"},"ciphertext":"%s"}"""
            .formatted(
                COST,
                BLOCK,
                LANES,
                base64(salt),
                base64(nonce),
                base64(box(key.getEncoded(), secret, nonce)));
    return "-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'})
            .encodeToString(json.getBytes(StandardCharsets.UTF_8))
        + "\n-----END ENCRYPTED COSIGN PRIVATE KEY-----\n";
  }

  /** NaCl's secretbox: XSalsa20, with Poly1305 over the ciphertext in front of it. */
  private static byte[] box(byte[] plain, byte[] key, byte[] nonce) {
    var stream = new XSalsa20Engine();
    stream.init(true, new ParametersWithIV(new KeyParameter(key), nonce));
    byte[] macKey = new byte[KEY_BYTES];
    stream.processBytes(macKey, 0, KEY_BYTES, macKey, 0);
    byte[] box = new byte[TAG_BYTES + plain.length];
    stream.processBytes(plain, 0, plain.length, box, TAG_BYTES);
    var mac = new Poly1305();
    mac.init(new KeyParameter(macKey));
    mac.update(box, TAG_BYTES, plain.length);
    mac.doFinal(box, 0);
    return box;
  }

  private static String base64(byte[] content) {
    return Base64.getEncoder().encodeToString(content);
  }
}
