package dev.waybill.oci.runtime;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import java.io.IOException;
import java.math.BigInteger;

/** JSON numbers of 64 bits without sign, held in the same bits of a long. */
final class Unsigned {
  private static final BigInteger MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  private Unsigned() {}

  /** Reads 0 to 2^64-1. */
  static final class Reader extends JsonDeserializer<Long> {
    @Override
    public Long deserialize(JsonParser parser, DeserializationContext context) throws IOException {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        return (Long) context.handleUnexpectedToken(long.class, parser);
      }
      BigInteger value = parser.getBigIntegerValue();
      // Some writers say -1 for "unlimited".
      if (value.compareTo(BigInteger.ONE.negate()) < 0 || value.compareTo(MAX) > 0) {
        return (Long)
            context.handleWeirdNumberValue(long.class, value, "not an unsigned 64-bit number");
      }
      return value.longValue();
    }

    @Override
    public Long getNullValue(DeserializationContext context) {
      return 0L;
    }

    @Override
    public Object getAbsentValue(DeserializationContext context) {
      return 0L;
    }
  }

  /** Writes the bits of a long as a number without sign. */
  static final class Writer extends JsonSerializer<Long> {
    @Override
    public void serialize(Long value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeNumber(new BigInteger(Long.toUnsignedString(value)));
    }
  }
}
