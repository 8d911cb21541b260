package dev.waybill.registrysync.proof;

import java.util.List;
import java.util.Map;

/**
 * One item of CBOR, as far as COSE's messages need it. A number and a text with the same digits are
 * two different labels.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8949">RFC 8949, CBOR</a>
 */
sealed interface Cbor {
  record Whole(long value) implements Cbor {}

  record Text(String value) implements Cbor {}

  record Bytes(byte[] value) implements Cbor {}

  record Items(List<Cbor> values) implements Cbor {
    public Items {
      values = List.copyOf(values);
    }
  }

  record Fields(Map<Cbor, Cbor> values) implements Cbor {
    public Fields {
      values = Map.copyOf(values);
    }
  }

  record Tagged(long tag, Cbor item) implements Cbor {}

  /** Nothing, a truth value or a fraction: none of ours. */
  record Simple() implements Cbor {}
}
