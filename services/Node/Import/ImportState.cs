using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace Twin.Node.Import;

/// <summary>Where an interrupted import stopped: a small file, written whole or not at all.</summary>
/// <param name="Content">Hash of the input: its length, its first and its last MiB.</param>
/// <param name="Target">The node it goes to.</param>
/// <param name="Rows">How many records from the start are done with.</param>
/// <param name="Refused">How many of them were refused.</param>
internal sealed record ImportState(string Content, string Target, long Rows, long Refused)
{
    private const int Part = 1024 * 1024;

    /// <summary>The state's file: beside the input.</summary>
    public static string FileOf(string input) => input + ".twin-import";

    public static async Task<ImportState?> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return JsonSerializer.Deserialize(await File.ReadAllBytesAsync(file, cancellationToken), ImportJson.Default.ImportState);
        }
        catch (Exception error) when (error is FileNotFoundException or JsonException)
        {
            return null;
        }
    }

    public async Task WriteAsync(string file)
    {
        var next = file + ".new";
        await File.WriteAllBytesAsync(next, JsonSerializer.SerializeToUtf8Bytes(this, ImportJson.Default.ImportState));
        File.Move(next, file, overwrite: true);
    }

    /// <summary>Tells whether it is the same input, without reading gigabytes.</summary>
    public static async Task<string> HashAsync(string input, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(input);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[Part];
        BinaryPrimitives.WriteInt64LittleEndian(buffer, stream.Length);
        hash.AppendData(buffer, 0, sizeof(long));
        hash.AppendData(buffer, 0, await stream.ReadAtLeastAsync(buffer, Part, throwOnEndOfStream: false, cancellationToken));
        stream.Position = Math.Max(0, stream.Length - Part);
        hash.AppendData(buffer, 0, await stream.ReadAtLeastAsync(buffer, Part, throwOnEndOfStream: false, cancellationToken));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>What an import did: the last line of <c>--json</c>.</summary>
internal sealed record ImportSummary(IReadOnlyList<string> Files, long Rows, long Sent, long Refused, long Skipped, double Seconds, bool DryRun, bool Interrupted);
