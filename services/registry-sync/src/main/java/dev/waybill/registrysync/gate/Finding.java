package dev.waybill.registrysync.gate;

/**
 * What one rule comes to.
 *
 * @param why by what it is kept, or what is missing
 */
record Finding(boolean passed, String why) {
  static Finding kept(String by) {
    return new Finding(true, by);
  }

  static Finding broken(String why) {
    return new Finding(false, why);
  }
}
