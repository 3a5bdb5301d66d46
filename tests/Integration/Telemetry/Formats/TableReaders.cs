using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace Twin.Tests.Integration.Telemetry.Formats;

/// <summary>Readers of tables that are not ours, as npm installs them, once for all tests.</summary>
public sealed class TableReaders : IAsyncLifetime
{
    private static readonly string[] Packages = ["hyparquet@1.33.0", "hyparquet-compressors@1.1.2", "apache-arrow@21.2.0"];

    private readonly string directory = Directory.CreateTempSubdirectory("twin-tables-").FullName;

    /// <summary>Why there are none, or null.</summary>
    public string? Missing { get; private set; }

    public async ValueTask InitializeAsync()
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Telemetry", "Formats", "read-table.mjs"), Path.Combine(directory, "read-table.mjs"));
        try
        {
            var (exit, _, errors) = await RunAsync("npm", ["install", "--no-audit", "--no-fund", "--silent", .. Packages]);
            Missing = exit == 0 ? null : $"npm cannot install {string.Join(", ", Packages)}: {errors}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Missing = "npm is not installed (Debian: apt-get install nodejs npm).";
        }
    }

    /// <summary>Reads a table.</summary>
    /// <param name="format"><c>parquet</c> or <c>arrow</c>.</param>
    /// <param name="table">The file.</param>
    /// <returns>The rows of each group, and the rows; times are milliseconds since 1970.</returns>
    public async Task<(int[] Groups, JsonArray Rows)> ReadAsync(string format, byte[] table)
    {
        var file = Path.Combine(directory, Path.GetRandomFileName());
        await File.WriteAllBytesAsync(file, table, TestContext.Current.CancellationToken);
        var (exit, output, errors) = await RunAsync("node", ["read-table.mjs", format, file]);
        Assert.True(exit == 0, errors);
        var read = JsonNode.Parse(output)!;
        return ([.. read["groups"]!.AsArray().Select(static one => (int)one!)], read["rows"]!.AsArray());
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<(int Exit, string Output, string Errors)> RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }
}
