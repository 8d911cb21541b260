package dev.waybill.noderunner.layer;

import dev.waybill.noderunner.layer.UnpackOutcome.Reason;
import dev.waybill.noderunner.layer.UnpackOutcome.Refused;
import java.io.IOException;

/** Ends the unpacking from deep inside; {@link LayerUnpacker} turns it into an outcome. */
final class LayerRefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  LayerRefusedException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  Refused outcome() {
    return new Refused(reason, String.valueOf(getMessage()));
  }

  static LayerRefusedException malformed(String message) {
    return new LayerRefusedException(Reason.MALFORMED, message);
  }
}
