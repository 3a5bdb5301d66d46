using System.Text.Json;

namespace Twin.NgsiLd.Operations;

/// <summary>The members within <see cref="Entities.AttributeNode.Extras"/>, each as its JSON text.</summary>
internal readonly ref struct Extras
{
    public Extras(ReadOnlySpan<byte> extras)
    {
        while (!extras.IsEmpty)
        {
            // Each is ,"name":text with a name that has no escapes.
            extras = extras[2..];
            int end = extras.IndexOf((byte)'"');
            ReadOnlySpan<byte> name = extras[..end];
            extras = extras[(end + 2)..];
            ReadOnlySpan<byte> text = extras[..Length(extras)];
            extras = extras[text.Length..];
            switch (name[0])
            {
                case (byte)'u':
                    UnitCode = text;
                    break;
                case (byte)'v':
                    ValueType = text;
                    break;
                case (byte)'o':
                    ObservedAt = text;
                    break;
                case (byte)'d':
                    DatasetId = text;
                    break;
                default:
                    EntityIdSealed = text;
                    break;
            }
        }
    }

    public ReadOnlySpan<byte> UnitCode { get; }

    public ReadOnlySpan<byte> ValueType { get; }

    public ReadOnlySpan<byte> ObservedAt { get; }

    public ReadOnlySpan<byte> DatasetId { get; }

    public ReadOnlySpan<byte> EntityIdSealed { get; }

    private static int Length(ReadOnlySpan<byte> json)
    {
        // More members may follow the value, which is no end of a document: read it as a piece of one.
        var reader = new Utf8JsonReader(json, isFinalBlock: false, default);
        reader.Read();
        reader.TrySkip();
        return (int)reader.BytesConsumed;
    }
}
