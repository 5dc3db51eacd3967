package io.hearth.fuse;

import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;

/** Run as a program of its own: gets or sets an extended attribute and prints what the kernel says. */
final class ExtendedAttribute {
    private ExtendedAttribute() {}

    public static void main(String[] arguments) throws Exception {
        UserDefinedFileAttributeView attributes =
                Files.getFileAttributeView(Path.of(arguments[1]), UserDefinedFileAttributeView.class);
        try {
            if (arguments[0].equals("get")) {
                attributes.read("x", ByteBuffer.allocate(16));
            } else {
                attributes.write("x", ByteBuffer.wrap(new byte[] {1}));
            }
            System.out.println("done");
        } catch (FileSystemException e) {
            System.out.println(e.getReason().replaceFirst(".*: ", ""));
        }
    }
}
