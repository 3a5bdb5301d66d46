using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Twin.ScenarioEngine.Models;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Results;

/// <summary>What identifies the inputs of a computation: the first half of a SHA-256.</summary>
internal readonly record struct InputHash(ulong High, ulong Low)
{
    /// <summary>Of JSON, in whatever order its members stand (RFC 8785).</summary>
    public static InputHash Of(JsonElement json) => Of(CanonicalJson.Of(json));

    /// <summary>Of bytes.</summary>
    public static InputHash Of(ReadOnlySpan<byte> bytes)
    {
        Span<ulong> hash = stackalloc ulong[4];
        SHA256.HashData(bytes, MemoryMarshal.AsBytes(hash));
        return new InputHash(hash[0], hash[1]);
    }

    /// <summary>Of parts in their order.</summary>
    public static InputHash Of(params ReadOnlySpan<InputHash> parts) => Of(MemoryMarshal.AsBytes(parts));

    /// <summary>Of a model: another version is another computation.</summary>
    public static InputHash Of(ModelCard card) => Of(System.Text.Encoding.UTF8.GetBytes($"{card.Id} {card.Version}"));

    /// <summary>As 32 hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(MemoryMarshal.AsBytes(new ReadOnlySpan<InputHash>(in this)));
}
