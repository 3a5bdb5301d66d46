using System.Buffers;
using System.Text;
using System.Text.Json;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;

namespace Twin.NgsiLd.Operations;

/// <summary>Merges the ready members of an instance: <see cref="AttributeNode.Extras"/>.</summary>
internal static class AttributeExtras
{
    private static readonly string[] Order = ["unitCode", "valueType", "observedAt", "datasetId", "expiresAt"];
    private static readonly RemovedMembers[] Removals =
        [RemovedMembers.UnitCode, RemovedMembers.ValueType, RemovedMembers.ObservedAt, RemovedMembers.None, RemovedMembers.ExpiresAt];

    /// <summary>Members of the patch replace, removed ones go, the others stay.</summary>
    /// <param name="current">The instance as it is; receives the outcome.</param>
    /// <param name="patch">The fragment.</param>
    public static void MergeInto(AttributeNode current, AttributeNode patch)
    {
        if (patch.Extras.IsEmpty && patch.Removed == RemovedMembers.None)
        {
            return;
        }

        ReadOnlyMemory<byte>[] mine = Members(current.Extras);
        ReadOnlyMemory<byte>[] theirs = Members(patch.Extras);
        for (int i = 0; i < Order.Length; i++)
        {
            mine[i] = (patch.Removed & Removals[i]) != 0 ? default : theirs[i].IsEmpty ? mine[i] : theirs[i];
        }

        Set(current, mine);
    }

    /// <summary>Gives an instance an observedAt.</summary>
    /// <param name="node">The instance.</param>
    /// <param name="observedAt">JSON text with its quotes.</param>
    public static void SetObservedAt(AttributeNode node, ReadOnlyMemory<byte> observedAt)
    {
        ReadOnlyMemory<byte>[] members = Members(node.Extras);
        members[2] = observedAt;
        Set(node, members);
    }

    private static void Set(AttributeNode node, ReadOnlyMemory<byte>[] members)
    {
        var to = new ArrayBufferWriter<byte>(128);
        for (int i = 0; i < Order.Length; i++)
        {
            if (!members[i].IsEmpty)
            {
                to.Write(",\""u8);
                to.Write(Encoding.UTF8.GetBytes(Order[i]));
                to.Write("\":"u8);
                to.Write(members[i].Span);
            }
        }

        node.Extras = to.WrittenMemory;
        node.UnitCode = members[0].IsEmpty ? null : Text(members[0]);
        node.ObservedAt = Time(members[2]);
        node.ExpiresAt = Time(members[4]) ?? 0;
    }

    private static ReadOnlyMemory<byte>[] Members(ReadOnlyMemory<byte> extras)
    {
        var members = new ReadOnlyMemory<byte>[Order.Length];
        if (extras.IsEmpty)
        {
            return members;
        }

        // The text is ",name:value,name:value": an object once its first comma is a brace.
        byte[] json = [.. extras.Span, (byte)'}'];
        json[0] = (byte)'{';
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int member = Array.IndexOf(Order, reader.GetString());
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            members[member] = json.AsMemory(start..(int)reader.BytesConsumed);
        }

        return members;
    }

    private static string Text(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        return reader.GetString()!;
    }

    private static long? Time(ReadOnlyMemory<byte> json) =>
        json.Length > 2 && Timestamps.TryParse(json.Span[1..^1], out long micros) ? micros : null;
}
