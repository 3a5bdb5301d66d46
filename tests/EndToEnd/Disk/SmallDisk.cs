using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Twin.Tests.EndToEnd.Disk;

/// <summary>
/// A file system of a few megabytes, in memory and among the mounts of a process of its own: it needs no rights, and
/// nobody else sees it. The test is skipped where a user may not make one.
/// </summary>
internal sealed class SmallDisk(Process holder, DirectoryInfo place) : IAsyncDisposable
{
    /// <summary>Whose mounts a process has to share to see it.</summary>
    public int Holder => holder.Id;

    /// <summary>Where it is for those who do.</summary>
    public string Folder => place.FullName;

    // The same folder for everybody else.
    private string Ballast => string.Create(CultureInfo.InvariantCulture, $"/proc/{holder.Id}/root{Folder}/ballast");

    public static async Task<SmallDisk> MountAsync(int megabytes, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("twin-small-disk-");
        var size = megabytes.ToString(CultureInfo.InvariantCulture);
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo(
                "unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs -o size=$1m,mode=700 tmpfs \"$0\" && echo mounted && exec sleep infinity", folder.FullName, size])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception)
        {
            folder.Delete();
            Assert.Skip("There is no unshare (util-linux).");
            throw;
        }

        var disk = new SmallDisk(process, folder);
        if (await process.StandardOutput.ReadLineAsync(cancellationToken) != "mounted")
        {
            var reason = await process.StandardError.ReadToEndAsync(cancellationToken);
            await disk.DisposeAsync();
            Assert.Skip("A user may not mount a file system of its own here: " + reason);
        }

        return disk;
    }

    /// <summary>Takes the last byte.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var block = new byte[64 << 10];
        // Until not even a byte goes in: the last write before took what it could get.
        for (var size = block.Length; size > 0; size = size == 1 ? 0 : size / 2)
        {
            try
            {
                while (true)
                {
                    ballast.Write(block, 0, size);
                }
            }
            catch (IOException)
            {
                // Full for writes of this size.
            }
        }
    }

    /// <summary>Makes room.</summary>
    public void Empty() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        if (!holder.HasExited)
        {
            holder.Kill();
        }

        await holder.WaitForExitAsync();
        holder.Dispose();
        place.Delete();
    }
}
