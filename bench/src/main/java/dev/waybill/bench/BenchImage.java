package dev.waybill.bench;

import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.image.OciLayout;
import dev.waybill.testkit.image.StaticProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * One image in the forms in which engines take it.
 *
 * @param layout an OCI layout with the tag 1
 * @param rootfs a tar with the program
 */
record BenchImage(Path layout, Path rootfs) {
  static final String TOOL =
      """
      #include <string.h>
      #include <unistd.h>
      int main(int argc, char **argv) {
        if (argc > 1 && !strcmp(argv[1], "say")) return write(1, "x\\n", 2) != 2;
        if (argc > 1 && !strcmp(argv[1], "wait")) pause();
        return 0;
      }
      """;

  /** A static program as the entrypoint, and nothing else. */
  static MadeImage make() throws IOException {
    return ImageMaker.image().program("tool", StaticProgram.compile(TOOL)).make();
  }

  static BenchImage write(Path directory) throws IOException, InterruptedException {
    Path layout = directory.resolve("layout");
    OciLayout.write(make(), layout, "1");
    Path tool = writeTool(directory);
    Path rootfs = directory.resolve("rootfs.tar");
    Programs.time(
        List.of(
            "tar",
            "-cf",
            rootfs.toString(),
            "-C",
            directory.toString(),
            tool.getFileName().toString()));
    return new BenchImage(layout, rootfs);
  }

  /** The program as the executable {@code tool} of a directory. */
  static Path writeTool(Path directory) throws IOException {
    Path tool = Files.write(directory.resolve("tool"), StaticProgram.compile(TOOL));
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
    return tool;
  }
}
