using System.Runtime.InteropServices;
using System.Text;

namespace Twin.ScenarioEngine.Fmi.Native;

/// <summary>What the library answered, when it was not OK or a warning.</summary>
internal sealed class FmuStatusException(string call, string status) : Exception($"{call} answered {status}")
{
    /// <summary>After Fatal nothing may be called any more.</summary>
    public bool Fatal { get; } = status == "Fatal";
}

/// <summary>A step that ended before its end.</summary>
internal sealed class FmuIncompleteException(string fault) : Exception(fault);

/// <summary>The foreign library and its one instance. Lives in the host process alone.</summary>
internal abstract unsafe class FmuLibrary
{
    private static readonly string[] StatusNames = ["OK", "Warning", "Discard", "Error", "Fatal", "Pending"];
    private readonly nint _library;

    protected FmuLibrary(string path) => _library = NativeLibrary.Load(path);

    public static FmuLibrary Load(FmuOpening opening) => opening.FmiVersion == 2 ? new Fmi2Library(opening) : new Fmi3Library(opening);

    public abstract void Initialise(double start, double stop, FmuSetting[] parameters, FmuSetting[] inputs);

    public abstract void Step(double time, double size, FmuSetting[] inputs);

    public abstract FmuValue Read(FmuHandle handle);

    public abstract void Close();

    public static string StatusName(int status) => (uint)status < (uint)StatusNames.Length ? StatusNames[status] : $"status {status}";

    protected bool TryExport(string name, out nint address) => NativeLibrary.TryGetExport(_library, name, out address);

    protected nint Export(string name) => NativeLibrary.TryGetExport(_library, name, out var address)
        ? address
        : throw new InvalidOperationException($"the library has no function {name}");

    /// <summary>OK and Warning are good; everything else is told.</summary>
    protected static void Check(int status, string call)
    {
        if (status is not (0 or 1))
        {
            throw new FmuStatusException(call, StatusName(status));
        }
    }

    protected static string Text(byte* text) => text is null ? "" : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text + '\0');
}
