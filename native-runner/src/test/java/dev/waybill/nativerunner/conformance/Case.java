package dev.waybill.nativerunner.conformance;

/**
 * One promise.
 *
 * @param area of the spec
 * @param name the promise as a sentence
 */
record Case(String area, String name, Check check) {
  /** Fails with an assertion error when the runtime does not keep the promise. */
  interface Check {
    void on(Trial trial) throws Exception;
  }
}
