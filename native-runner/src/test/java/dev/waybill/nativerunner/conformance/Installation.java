package dev.waybill.nativerunner.conformance;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The program and its compiler where every user can read them; the build's own folders may be
 * closed to others.
 *
 * @param program the copy of waybill-runner
 * @param classpath what a compiler of that copy needs
 */
record Installation(Path program, String classpath) {
  static Installation in(Path dir) throws IOException {
    Path home = Files.createDirectories(dir.resolve("install"));
    Path program = Files.copy(Path.of("bin/waybill-runner"), home.resolve("waybill-runner"));
    List<String> copies = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path from = Path.of(entry);
      boolean needed = Files.isDirectory(from) || from.getFileName().toString().contains("jackson");
      boolean ours = from.toString().contains("target") && !from.endsWith("test-classes");
      if (Files.exists(from) && (needed && !from.endsWith("test-classes") || ours)) {
        Path to = home.resolve(copies.size() + "-" + from.getFileName());
        Shell.run("cp -r '" + from + "' '" + to + "'");
        copies.add(to.toString());
      }
    }
    Shell.run("chmod -R a+rX " + home);
    return new Installation(program, String.join(File.pathSeparator, copies));
  }
}
