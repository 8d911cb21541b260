package dev.waybill.registrysync.proof;

import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORParser;
import dev.waybill.registrysync.proof.Cbor.Bytes;
import dev.waybill.registrysync.proof.Cbor.Fields;
import dev.waybill.registrysync.proof.Cbor.Items;
import dev.waybill.registrysync.proof.Cbor.Simple;
import dev.waybill.registrysync.proof.Cbor.Tagged;
import dev.waybill.registrysync.proof.Cbor.Text;
import dev.waybill.registrysync.proof.Cbor.Whole;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * CBOR of strangers, in its plain form only: every length is told beforehand, a label comes once,
 * nothing follows. Whatever can be written in two ways could be read in two ways. Jackson reads it;
 * the heads of items are looked at here too, since Jackson gives the label 1 and the label "1" one
 * name and hides which lengths were told.
 */
final class CborReader {
  private static final int BYTES_MAX = 1 << 20;
  private static final int DEPTH_MAX = 8;
  private static final int TAG_DATE = 1;
  private static final int TAG_SIGN1 = 18;

  private static final int MAJOR_BITS = 5;
  private static final int MAJOR_NEGATIVE = 1;
  private static final int MAJOR_TEXT = 3;
  private static final int MAJOR_TAG = 6;
  private static final int LOW_BITS = 0x1f;
  private static final int ONE_BYTE_FOLLOWS = 24;
  private static final int LENGTH_COMES_LATER = 31;
  private static final int BYTE = 0xff;

  private static final CBORFactory FACTORY =
      CBORFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH_MAX)
                  .maxDocumentLength(BYTES_MAX)
                  .build())
          .build();

  private final byte[] content;
  private final CBORParser parser;

  private CborReader(byte[] content, CBORParser parser) {
    this.content = content;
    this.parser = parser;
  }

  /** The one item that {@code content} is. */
  static Cbor read(byte[] content) throws MalformedProofException {
    if (content.length > BYTES_MAX) {
      throw new MalformedProofException("it has more than " + BYTES_MAX + " bytes");
    }
    try (CBORParser parser = FACTORY.createParser(content)) {
      CborReader reader = new CborReader(content, parser);
      Cbor item = reader.item(parser.nextToken());
      if (parser.nextToken() != null) {
        throw new MalformedProofException("something follows its CBOR");
      }
      return item;
    } catch (IOException e) {
      throw new MalformedProofException("it is not CBOR", e);
    }
  }

  private Cbor item(JsonToken token) throws IOException, MalformedProofException {
    if (token == null) {
      throw new MalformedProofException("it is not CBOR");
    }
    int start = start();
    if (major(start) != MAJOR_TAG) {
      return untagged(token, start);
    }
    int tag = tag(start);
    int tagged = start + (tag < ONE_BYTE_FOLLOWS ? 1 : 2);
    if (major(tagged) == MAJOR_TAG) {
      throw new MalformedProofException("its CBOR has a tag in a tag");
    }
    return new Tagged(tag, untagged(token, tagged));
  }

  /** Other tags give items another meaning, or make several of one. */
  private int tag(int at) throws MalformedProofException {
    int tag = content[at] & LOW_BITS;
    if (tag != TAG_DATE && tag != TAG_SIGN1) {
      throw new MalformedProofException("its CBOR has tags that mean nothing to Notation");
    }
    return tag;
  }

  private Cbor untagged(JsonToken token, int head) throws IOException, MalformedProofException {
    checkLength(head);
    return switch (token) {
      case START_ARRAY -> items();
      case START_OBJECT -> fields();
      case VALUE_STRING -> new Text(parser.getText());
      case VALUE_EMBEDDED_OBJECT -> new Bytes(parser.getBinaryValue());
      case VALUE_NUMBER_INT -> whole();
      case VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE, VALUE_NULL -> new Simple();
      default -> throw new MalformedProofException("it is not CBOR");
    };
  }

  private Whole whole() throws IOException, MalformedProofException {
    if (parser.getNumberType() == NumberType.BIG_INTEGER) {
      throw new MalformedProofException("its CBOR has a number that is too large");
    }
    return new Whole(parser.getLongValue());
  }

  private Items items() throws IOException, MalformedProofException {
    List<Cbor> values = new ArrayList<>();
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      values.add(item(t));
    }
    return new Items(values);
  }

  private Fields fields() throws IOException, MalformedProofException {
    Map<Cbor, Cbor> values = new LinkedHashMap<>();
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_OBJECT; t = parser.nextToken()) {
      Cbor label = label();
      if (values.put(label, item(parser.nextToken())) != null) {
        throw new MalformedProofException("its CBOR has a label twice");
      }
    }
    return new Fields(values);
  }

  private Cbor label() throws IOException, MalformedProofException {
    int head = start();
    checkLength(head);
    if (major(head) == MAJOR_TEXT) {
      return new Text(parser.currentName());
    }
    if (major(head) > MAJOR_NEGATIVE) {
      throw new MalformedProofException("its CBOR has a label that is neither number nor text");
    }
    try {
      return new Whole(Long.parseLong(parser.currentName()));
    } catch (NumberFormatException e) {
      throw new MalformedProofException("its CBOR has a number that is too large", e);
    }
  }

  private void checkLength(int head) throws MalformedProofException {
    if ((content[head] & LOW_BITS) == LENGTH_COMES_LATER) {
      throw new MalformedProofException("its CBOR doesn't tell a length beforehand");
    }
  }

  private int start() throws MalformedProofException {
    long offset = parser.currentTokenLocation().getByteOffset();
    if (offset < 0 || offset >= content.length) {
      throw new MalformedProofException("it is not CBOR");
    }
    return (int) offset;
  }

  private int major(int at) throws MalformedProofException {
    if (at >= content.length) {
      throw new MalformedProofException("it is not CBOR");
    }
    return (content[at] & BYTE) >> MAJOR_BITS;
  }
}
