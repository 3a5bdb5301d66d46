using System.Globalization;
using System.Runtime.InteropServices;

namespace Twin.ScenarioEngine.Fmi.Native;

/// <summary>What the host process takes from itself before it loads foreign code.</summary>
internal static unsafe partial class ProcessLimits
{
    private const int Data = 2;
    private const int FileSize = 1;
    private const int Core = 4;
    private const int NoNewPrivileges = 38;
    private const int ReadOnly = 0;
    private const ulong MostFileBytes = 64UL << 20;

    /// <summary>No more memory than now and this, no core files, no large files, no privileges by set-uid programs.</summary>
    public static void Apply(long mostMemoryBytes)
    {
        Set(Data, HeldBytes() + (ulong)mostMemoryBytes);
        Set(Core, 0);
        Set(FileSize, MostFileBytes);
        _ = Prctl(NoNewPrivileges, 1, 0, 0, 0);
    }

    /// <summary>Keeps standard input and output for us: what foreign code prints goes to standard error, and it reads nothing.</summary>
    /// <returns>The descriptors that ours have now.</returns>
    public static (int Input, int Output) KeepStandardStreams()
    {
        var (input, output) = (Dup(0), Dup(1));
        var nothing = Open("/dev/null", ReadOnly);
        if (input < 0 || output < 0 || nothing < 0 || Dup2(nothing, 0) < 0 || Dup2(2, 1) < 0)
        {
            throw new InvalidOperationException("The standard streams could not be moved.");
        }

        return (input, output);
    }

    /// <summary>Ends the process at once, whatever its other threads are in.</summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void Exit(int code);

    private static void Set(int resource, ulong value)
    {
        var limit = new Limit { Soft = value, Hard = value };
        if (SetLimit(resource, &limit) != 0)
        {
            throw new InvalidOperationException($"The limit {resource} of the process could not be set.");
        }
    }

    private static ulong HeldBytes()
    {
        const string field = "VmData:";
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return 1024 * ulong.Parse(line.AsSpan(field.Length).Trim().TrimEnd("kB").Trim(), NumberStyles.None, CultureInfo.InvariantCulture);
    }

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetLimit(int resource, Limit* limit);

    [LibraryImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Prctl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    [LibraryImport("libc", EntryPoint = "dup")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Dup(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Dup2(int descriptor, int becomes);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
