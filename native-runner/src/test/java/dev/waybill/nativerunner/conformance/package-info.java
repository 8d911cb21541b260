/**
 * What the OCI runtime-spec promises, one case each with a real container: the same cases run
 * against this runtime and, where they are installed, against runc and crun, so that the cases
 * themselves are tested.
 */
package dev.waybill.nativerunner.conformance;
