package dev.waybill.cli.build;

import dev.waybill.cli.build.context.BuildContext;
import java.io.PrintStream;
import java.time.Instant;
import java.util.Map;

/**
 * What a build is told.
 *
 * @param context to copy from
 * @param arguments values of ARGs
 * @param target name or number of the stage to build; empty is the last
 * @param namespace whose policies decide about bases and steps; empty is the default
 * @param usesCache whether steps of earlier builds are taken
 * @param epoch what the image says about when it was made, and the latest time of its files
 * @param output where steps and the output of programs are told
 */
record BuildOptions(
    BuildContext context,
    Map<String, String> arguments,
    String target,
    String namespace,
    boolean usesCache,
    Instant epoch,
    PrintStream output) {}
