using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Twin.Telemetry.Sources.Payloads;

namespace Twin.Telemetry.Sources.Posted;

/// <summary>What another system shows in a header, so that nobody else posts in its name.</summary>
/// <param name="Header">The header.</param>
/// <param name="Value">The secret; null when it is in the file.</param>
/// <param name="File">The file with the secret, read each time, so that it can be renewed.</param>
internal sealed record SharedSecret(string Header, string? Value, string? File)
{
    /// <summary>The fewest characters of a secret.</summary>
    public const int Least = 16;

    /// <summary>Whether a request shows it. How long that takes says nothing about it.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be read.</exception>
    public bool IsShown(HttpRequest request) =>
        request.Headers[Header] is [{ Length: > 0 } shown] && Read() is { Length: >= Least } secret && CryptographicOperations.FixedTimeEquals(Hash(shown), Hash(secret));

    /// <summary>Notes what is wrong with it, by the names of its settings.</summary>
    public void Check(string valueSetting, string fileSetting, PayloadFaults faults)
    {
        if (Value is null == File is null)
        {
            faults.Add(valueSetting, $"set it or {fileSetting}: whoever shows the secret may post.");
            return;
        }

        var setting = Value is null ? fileSetting : valueSetting;
        try
        {
            if (Read() is not { Length: >= Least })
            {
                faults.Add(setting, $"a secret has at least {Least} characters, so that nobody guesses it.");
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            faults.Add(setting, $"the file cannot be read: {fault.Message}");
        }
    }

    /// <summary>The header alone: a record would else show the secret to whoever logs it.</summary>
    public override string ToString() => Header;

    private string? Read() => File is null ? Value : System.IO.File.ReadAllText(File).TrimEnd('\r', '\n');

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
