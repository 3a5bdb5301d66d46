namespace Twin.Hosting.Authentication;

/// <summary>Files that hold secrets: readable by the owner alone, from the moment they exist.</summary>
public static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Writes the file as a whole: a reader sees all of it or none. With <paramref name="replace"/> false the first of
    /// several writers wins, and the answer says whether it was this one.
    /// </summary>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public static bool TryWrite(string path, ReadOnlySpan<byte> content, bool replace)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(directory);
        var draft = Path.Combine(directory, $".{Path.GetFileName(path)}.{Guid.CreateVersion7():N}");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
            using (var stream = new FileStream(draft, options))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: replace);
            return true;
        }
        catch (IOException) when (!replace && File.Exists(path))
        {
            return false;
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Reads the file, or makes it with what <paramref name="create"/> gives; whoever makes it first decides.</summary>
    public static byte[] ReadOrCreate(string path, Func<byte[]> create)
    {
        if (!File.Exists(path))
        {
            TryWrite(path, create(), replace: false);
        }

        return File.ReadAllBytes(path);
    }
}
