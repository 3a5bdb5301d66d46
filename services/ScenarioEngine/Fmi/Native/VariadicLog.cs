using System.Runtime.InteropServices;
using System.Text;

namespace Twin.ScenarioEngine.Fmi.Native;

/// <summary>
/// The logger of FMI 2 is variadic, which C# has no word for. By the System V ABI for x86-64 a variadic caller puts the first
/// six whole arguments and the first eight floating ones into registers and the rest onto the stack, as any caller does: a
/// function that takes as many finds them all, and makes of them the va_list that the C library formats.
/// </summary>
internal static unsafe class VariadicLog
{
    private const int Registers = (6 * 8) + (8 * 16);
    private const int GeneralUsed = 5 * 8;
    private const int FloatsBegin = 6 * 8;
    private const int StackSlots = 16;
    private const int MostBytes = 8000;

    private static readonly delegate* unmanaged<byte*, nuint, byte*, Arguments*, int> Format =
        (delegate* unmanaged<byte*, nuint, byte*, Arguments*, int>)NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "vsnprintf");

    /// <summary>The address to give to the library.</summary>
    public static readonly delegate* unmanaged<nint, byte*, int, byte*, byte*, nint, double, double, double, double, double, double, double, double,
        nint, nint, nint, nint, nint, nint, nint, nint, nint, nint, nint, nint, nint, nint, nint, nint, void> Logger = &Log;

    [UnmanagedCallersOnly]
    private static void Log(
        nint environment, byte* instance, int status, byte* category, byte* message, nint general,
        double f0, double f1, double f2, double f3, double f4, double f5, double f6, double f7,
        nint s0, nint s1, nint s2, nint s3, nint s4, nint s5, nint s6, nint s7, nint s8, nint s9, nint s10, nint s11, nint s12, nint s13, nint s14, nint s15)
    {
        var saved = stackalloc byte[Registers];
        *(nint*)(saved + GeneralUsed) = general;
        ReadOnlySpan<double> floats = [f0, f1, f2, f3, f4, f5, f6, f7];
        for (var i = 0; i < floats.Length; i++)
        {
            *(double*)(saved + FloatsBegin + (16 * i)) = floats[i];
        }

        var stack = stackalloc nint[StackSlots] { s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15 };
        var arguments = new Arguments { General = GeneralUsed, Floats = FloatsBegin, Stack = stack, Saved = saved };
        var text = stackalloc byte[MostBytes];
        var length = message is null ? 0 : Format(text, MostBytes, message, &arguments);
        FmuLog.Add(
            FmuLibrary.StatusName(status),
            category is null ? "" : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(category)),
            Encoding.UTF8.GetString(text, Math.Clamp(length, 0, MostBytes - 1)));
    }

    /// <summary>va_list: offsets of what has not been taken yet, then the stack, then the saved registers.</summary>
    private struct Arguments
    {
        public uint General;
        public uint Floats;
        public nint* Stack;
        public byte* Saved;
    }
}
