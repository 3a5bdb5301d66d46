using System.IO.Compression;
using System.Security.Cryptography;

namespace Twin.ScenarioEngine.Fmi;

/// <summary>
/// An FMU, unpacked into a folder of its own that goes with it. Only the description, the library for this machine and the
/// resources are unpacked; nothing of it runs in this process.
/// </summary>
public sealed class FmuArchive : IDisposable
{
    private const int LinkType = 0xA000;
    private const int TypeMask = 0xF000;

    private FmuArchive(string folder, string sha256, FmuDescription description, FmuBounds bounds) =>
        (Folder, Sha256, Description, Bounds) = (folder, sha256, description, bounds);

    /// <summary>What the FMU says of itself.</summary>
    public FmuDescription Description { get; }

    /// <summary>SHA-256 of the file, in lower-case hexadecimal digits.</summary>
    public string Sha256 { get; }

    /// <summary>How much it may take.</summary>
    public FmuBounds Bounds { get; }

    /// <summary>Where it is unpacked.</summary>
    internal string Folder { get; }

    /// <summary>The library for this machine.</summary>
    internal string Library => Path.Combine(Folder, Binaries(Description), Description.ModelIdentifier + ".so");

    /// <summary>Its resources, or null when it has none.</summary>
    internal string? Resources => Directory.Exists(Path.Combine(Folder, "resources")) ? Path.Combine(Folder, "resources") : null;

    /// <summary>Unpacks an FMU.</summary>
    /// <param name="file">The bytes of the <c>.fmu</c>; seekable.</param>
    /// <param name="folder">Where folders for unpacked FMUs may be made.</param>
    /// <param name="bounds">How much it may take.</param>
    /// <exception cref="ModelInputException">It is no FMU, not for this machine, goes beyond the bounds, or would write elsewhere.</exception>
    public static FmuArchive Open(Stream file, string folder, FmuBounds bounds)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(bounds);
        if (file.Length > bounds.MostFileBytes)
        {
            throw Fault($"it has {file.Length} bytes; {bounds.MostFileBytes} is the most");
        }

        file.Position = 0;
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(file));
        file.Position = 0;
        var own = Directory.CreateDirectory(Path.Combine(folder, "fmu-" + Guid.CreateVersion7().ToString("N")), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        try
        {
            using var zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            var archive = new FmuArchive(own, sha256, Unpack(zip, own, bounds), bounds);
            return File.Exists(archive.Library) ? archive : throw Fault($"it has no {Binaries(archive.Description)}/{archive.Description.ModelIdentifier}.so, so it is not for this machine");
        }
        catch (InvalidDataException fault)
        {
            Directory.Delete(own, recursive: true);
            throw Fault($"it is no zip file that can be read: {fault.Message}");
        }
        catch
        {
            Directory.Delete(own, recursive: true);
            throw;
        }
    }

    /// <summary>Removes what was unpacked.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private static FmuDescription Unpack(ZipArchive zip, string folder, FmuBounds bounds)
    {
        if (zip.Entries.Count > bounds.MostEntries)
        {
            throw Fault($"it has {zip.Entries.Count} entries; {bounds.MostEntries} is the most");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in zip.Entries)
        {
            CheckName(entry, folder);
            if (!names.Add(entry.FullName))
            {
                throw Fault($"it has two entries '{entry.FullName}'");
            }
        }

        var budget = bounds.MostUnpackedBytes;
        Copy(zip.GetEntry(FmuDescriptionReader.FileName) ?? throw Fault($"it has no {FmuDescriptionReader.FileName}"), folder, ref budget);
        FmuDescription description;
        using (var xml = File.OpenRead(Path.Combine(folder, FmuDescriptionReader.FileName)))
        {
            description = FmuDescriptionReader.Read(xml, bounds);
        }

        foreach (var entry in zip.Entries.Where(entry => entry.FullName.StartsWith(Binaries(description) + "/", StringComparison.Ordinal) || entry.FullName.StartsWith("resources/", StringComparison.Ordinal)))
        {
            Copy(entry, folder, ref budget);
        }

        return description;
    }

    // Every name is looked at, also of what is not unpacked: a file that tries once is refused whole.
    private static void CheckName(ZipArchiveEntry entry, string folder)
    {
        var name = entry.FullName;
        var target = Path.GetFullPath(Path.Combine(folder, name));
        if (name.Length == 0 || name.Contains('\\', StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal) || name.Split('/').Contains("..") || Path.IsPathRooted(name)
            || !target.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw Fault($"its entry '{name}' would be written elsewhere");
        }

        if (((entry.ExternalAttributes >> 16) & TypeMask) == LinkType)
        {
            throw Fault($"its entry '{name}' is a link");
        }
    }

    private static void Copy(ZipArchiveEntry entry, string folder, ref long budget)
    {
        var path = Path.Combine(folder, entry.FullName);
        if (entry.FullName.EndsWith('/'))
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var from = entry.Open();
        using var to = new FileStream(path, FileMode.CreateNew);
        var buffer = new byte[81920];
        for (int read; (read = from.Read(buffer)) > 0;)
        {
            budget -= read;
            if (budget < 0)
            {
                throw Fault("more comes out of it than is allowed");
            }

            to.Write(buffer, 0, read);
        }
    }

    private static string Binaries(FmuDescription description) => description.FmiVersion == 2 ? "binaries/linux64" : "binaries/x86_64-linux";

    private static ModelInputException Fault(string fault) => new("fmu", fault);
}
