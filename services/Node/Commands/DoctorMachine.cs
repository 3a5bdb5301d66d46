namespace Twin.Node.Commands;

/// <summary>The runtime, the data directory, its disk, its keys, and the clock.</summary>
internal static class DoctorMachine
{
    private const long Little = 1L << 30;
    private const long TooLittle = 100L << 20;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    public static IEnumerable<Finding> Check(string data)
    {
        yield return Environment.Version.Major >= 10
            ? Finding.Ok("runtime", $".NET {Environment.Version}")
            : Finding.Fail("runtime", $".NET {Environment.Version}", "Install the .NET 10 runtime.");
        if (!Directory.Exists(data))
        {
            yield return Finding.Warn("data directory", $"{data} is not there", $"It is made by: twin serve --data {data}");
            yield break;
        }

        yield return Access(data);
        yield return Disk(data);
        yield return Keys(data);
        yield return Clock(data);
    }

    private static Finding Access(string data)
    {
        var probe = Path.Combine(data, $".doctor-{Environment.ProcessId}");
        try
        {
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Finding.Fail("data directory", $"{data} cannot be written: {fault.Message}", $"Give it to the user of the node: chown -R USER {data}");
        }

        var mode = File.GetUnixFileMode(data);
        return (mode & Others) == 0
            ? Finding.Ok("data directory", $"{data}, for its owner alone")
            : Finding.Warn("data directory", $"{data} is open to others ({mode})", $"chmod 700 {data}");
    }

    private static Finding Disk(string data)
    {
        var free = new DriveInfo(data).AvailableFreeSpace;
        var found = $"{free / (1 << 20)} MB free";
        return free < TooLittle ? Finding.Fail("disk", found, "Make room: writes will fail.")
            : free < Little ? Finding.Warn("disk", found, "Make room soon.")
            : Finding.Ok("disk", found);
    }

    private static Finding Keys(string data)
    {
        var keys = Environment.GetEnvironmentVariable("Twin__Identity__KeyDirectory") ?? Path.Combine(data, "keys");
        var files = Directory.Exists(keys) ? Directory.GetFiles(keys) : [];
        if (files.Length == 0)
        {
            return Finding.Ok("keys", $"none in {keys} yet; the first token makes them");
        }

        var open = files.Where(static f => (File.GetUnixFileMode(f) & Others) != 0).ToList();
        return open.Count == 0
            ? Finding.Ok("keys", $"{files.Length} files, for their owner alone")
            : Finding.Fail("keys", $"{open[0]} may be read by others", $"chmod 600 {keys}/* and rotate the keys: who read them can sign tokens.");
    }

    private static Finding Clock(string data)
    {
        var newest = Directory.EnumerateFiles(data).Select(static f => File.GetLastWriteTimeUtc(f)).DefaultIfEmpty().Max();
        var ahead = newest - TimeProvider.System.GetUtcNow().UtcDateTime;
        return ahead > TimeSpan.FromMinutes(1)
            ? Finding.Fail("clock", $"the store was written {ahead.TotalMinutes:0} minutes in the future", "Set the clock (NTP): times of entities and tokens depend on it.")
            : Finding.Ok("clock", "not behind what is stored");
    }
}
