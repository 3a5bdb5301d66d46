using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;
using Twin.ScenarioEngine.Fmi;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Fmi;

/// <summary>The FMU of <c>tiny.c</c>, compiled here by gcc; tests skip where there is none.</summary>
internal static class TinyFmu
{
    private static readonly Dictionary<int, Lazy<byte[]?>> Libraries = new()
    {
        [2] = new Lazy<byte[]?>(() => Compile(2)),
        [3] = new Lazy<byte[]?>(() => Compile(3)),
    };

    /// <summary>The FMU, unpacked.</summary>
    public static FmuArchive Open(int fmi, FmuBounds? bounds = null, Func<string, string>? change = null)
    {
        using var file = new MemoryStream(File(fmi, change));
        return FmuArchive.Open(file, Path.GetTempPath(), bounds ?? new FmuBounds());
    }

    /// <summary>The bytes of the file.</summary>
    public static byte[] File(int fmi, Func<string, string>? change = null)
    {
        var library = Libraries[fmi].Value;
        Assert.SkipWhen(library is null, "gcc is not installed");
        return Zip(
            ("modelDescription.xml", Encoding.UTF8.GetBytes((change ?? (xml => xml))(Description(fmi)))),
            (fmi == 2 ? "binaries/linux64/tiny.so" : "binaries/x86_64-linux/tiny.so", library!));
    }

    public static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var to = zip.CreateEntry(name).Open();
                to.Write(content);
            }
        }

        return bytes.ToArray();
    }

    public static string Description(int fmi) => fmi == 2
        ? $"""
          <?xml version="1.0" encoding="UTF-8"?>
          <fmiModelDescription fmiVersion="2.0" modelName="tiny" guid="{Token}" description="decay">
            <CoSimulation modelIdentifier="tiny" canHandleVariableCommunicationStepSize="true"/>
            {Units}
            <ModelVariables>
              <ScalarVariable name="x" valueReference="1" causality="output"><Real unit="K"/></ScalarVariable>
              <ScalarVariable name="k" valueReference="2" causality="parameter" variability="fixed"><Real unit="1/s" min="0" max="100"/></ScalarVariable>
              <ScalarVariable name="u" valueReference="3" causality="input"><Real unit="K/s" start="0"/></ScalarVariable>
              <ScalarVariable name="mode" valueReference="4" causality="parameter" variability="fixed"><Integer/></ScalarVariable>
              <ScalarVariable name="story" valueReference="5" causality="parameter" variability="fixed"><String/></ScalarVariable>
              <ScalarVariable name="secret" valueReference="6" causality="output"><String/></ScalarVariable>
            </ModelVariables>
          </fmiModelDescription>
          """
        : $"""
          <?xml version="1.0" encoding="UTF-8"?>
          <fmiModelDescription fmiVersion="3.0" modelName="tiny" instantiationToken="{Token}" description="decay">
            <CoSimulation modelIdentifier="tiny" canHandleVariableCommunicationStepSize="true"/>
            {Units}
            <ModelVariables>
              <Float64 name="x" valueReference="1" causality="output" unit="K"/>
              <Float64 name="k" valueReference="2" causality="parameter" variability="fixed" unit="1/s" min="0" max="100" start="1"/>
              <Float64 name="u" valueReference="3" causality="input" unit="K/s" start="0"/>
              <Int32 name="mode" valueReference="4" causality="parameter" variability="fixed" start="0"/>
              <String name="story" valueReference="5" causality="parameter" variability="fixed"/>
              <String name="secret" valueReference="6" causality="output"/>
            </ModelVariables>
          </fmiModelDescription>
          """;

    private const string Token = "{tiny}";

    private const string Units = """
        <UnitDefinitions>
          <Unit name="K"><BaseUnit K="1"/><DisplayUnit name="degC" offset="-273.15"/></Unit>
          <Unit name="mK"><BaseUnit K="1" factor="0.001"/></Unit>
          <Unit name="1/s"><BaseUnit s="-1"/></Unit>
          <Unit name="1/h"><BaseUnit s="-1" factor="0.0002777777777777778"/></Unit>
          <Unit name="K/s"><BaseUnit K="1" s="-1"/></Unit>
          <Unit name="W"><BaseUnit kg="1" m="2" s="-3"/></Unit>
        </UnitDefinitions>
        """;

    private static byte[]? Compile(int fmi, [CallerFilePath] string here = "")
    {
        var library = Path.Combine(Path.GetTempPath(), $"tiny-{fmi}-{Environment.ProcessId}.so");
        try
        {
            using var gcc = Process.Start(new ProcessStartInfo("gcc", ["-shared", "-fPIC", "-O1", "-w", $"-DFMI={fmi}", "-o", library, Path.Combine(Path.GetDirectoryName(here)!, "tiny.c")]) { UseShellExecute = false, RedirectStandardError = true })!;
            var said = gcc.StandardError.ReadToEnd();
            gcc.WaitForExit();
            Assert.True(gcc.ExitCode == 0, said);
            return System.IO.File.ReadAllBytes(library);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
        finally
        {
            System.IO.File.Delete(library);
        }
    }
}
