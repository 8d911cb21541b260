package dev.waybill.cli.container;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A container's output as the platform streams it: frames of stream, length and payload. */
public final class FrameStream {
  private static final int STDERR = 2;

  private FrameStream() {}

  /** Copies each frame to where it belongs until the stream ends. */
  public static void copy(InputStream in, OutputStream out, OutputStream err) throws IOException {
    try (var frames = new DataInputStream(in)) {
      while (true) {
        int stream = frames.read();
        if (stream < 0) {
          return;
        }
        byte[] payload = new byte[frames.readInt()];
        frames.readFully(payload);
        OutputStream to = stream == STDERR ? err : out;
        to.write(payload);
        to.flush();
      }
    } catch (EOFException e) {
      // The platform or the container went away in the middle of a frame: what came was shown.
      out.flush();
    }
  }
}
