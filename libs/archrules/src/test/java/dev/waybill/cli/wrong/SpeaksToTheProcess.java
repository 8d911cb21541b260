package dev.waybill.cli.wrong;

import dev.waybill.fleet.ImageUse;

/** A command that breaks the rules of commands. */
public final class SpeaksToTheProcess {
  private SpeaksToTheProcess() {}

  /** Prints to the wrong stream what it shouldn't know. */
  public static void run() {
    System.out.println(ImageUse.class.getName() + System.getenv("HOME"));
  }
}
