using System.Text;
using Twin.Telemetry.Points;

namespace Twin.Telemetry.Chunks;

/// <summary>
/// Units, qualities, texts and instance facts: the distinct texts, the distinct extras which refer to them, and a column
/// of which point has which extra, 0 for none.
/// </summary>
internal static class ExtraCodec
{
    private const int MostTextBytes = 1 << 28;

    private const byte HasText = 1;
    private const byte HasUnit = 2;
    private const byte HasFacts = 4;
    private const byte HasInstance = 8;
    private const byte HasWhole = 16;
    private const byte NotObserved = 32;

    public static void Write(ByteWriter writer, ReadOnlySpan<PointExtra?> extras, Span<long> room)
    {
        var texts = new TextTable();
        var distinct = new Dictionary<PointExtra, int>();
        PointExtra? last = null;
        var lastIndex = 0;
        for (var i = 0; i < extras.Length; i++)
        {
            if (extras[i] is not { } extra)
            {
                room[i] = 0;
                continue;
            }

            if (!ReferenceEquals(extra, last))
            {
                if (!distinct.TryGetValue(extra, out lastIndex))
                {
                    distinct.Add(extra, lastIndex = distinct.Count + 1);
                    texts.Note(extra);
                }

                last = extra;
            }

            room[i] = lastIndex;
        }

        texts.Write(writer);
        writer.Varint((ulong)distinct.Count);
        foreach (var (extra, _) in distinct)
        {
            Write(writer, extra, texts);
        }

        LongColumn.Write(writer, room);
    }

    public static PointExtra?[] Read(ref ByteReader reader, int length)
    {
        var texts = new ReadOnlyMemory<byte>[reader.Count(reader.Left)];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = reader.Take(reader.Count(MostTextBytes)).ToArray();
        }

        var units = new Dictionary<int, string>();
        var distinct = new PointExtra?[reader.Count(reader.Left) + 1];
        for (var i = 1; i < distinct.Length; i++)
        {
            distinct[i] = ReadExtra(ref reader, texts, units);
        }

        var indexes = new long[length];
        LongColumn.Read(ref reader, indexes);
        var extras = new PointExtra?[length];
        for (var i = 0; i < length; i++)
        {
            extras[i] = (ulong)indexes[i] < (ulong)distinct.Length ? distinct[indexes[i]] : throw ByteReader.Broken();
        }

        return extras;
    }

    private static void Write(ByteWriter writer, PointExtra extra, TextTable texts)
    {
        var facts = extra.Facts;
        writer.Byte((byte)((extra.Text.IsEmpty ? 0 : HasText)
            | (extra.Unit is null ? 0 : HasUnit)
            | (facts is null ? 0 : HasFacts)
            | (facts?.InstanceId is null ? 0 : HasInstance)
            | (facts is null || facts.Instance.IsEmpty ? 0 : HasWhole)
            | (facts is { Observed: false } ? NotObserved : 0)));
        writer.Byte((byte)extra.Quality);
        if (!extra.Text.IsEmpty)
        {
            texts.Reference(writer, extra.Text);
        }

        if (extra.Unit is { } unit)
        {
            texts.Reference(writer, Encoding.UTF8.GetBytes(unit));
        }

        if (facts is null)
        {
            return;
        }

        writer.Varint((ulong)facts.CreatedAt);
        writer.Zigzag(facts.ModifiedAt - facts.CreatedAt);
        writer.Varint((ulong)facts.DeletedAt);
        if (facts.InstanceId is { } id)
        {
            texts.Reference(writer, Encoding.UTF8.GetBytes(id));
        }

        if (!facts.Instance.IsEmpty)
        {
            texts.Reference(writer, facts.Instance);
        }
    }

    private static PointExtra ReadExtra(ref ByteReader reader, ReadOnlyMemory<byte>[] texts, Dictionary<int, string> units)
    {
        var flags = reader.Byte();
        var quality = (PointQuality)reader.Byte();
        var text = (flags & HasText) == 0 ? default : Text(ref reader, texts);
        string? unit = null;
        if ((flags & HasUnit) != 0)
        {
            var at = reader.Count(texts.Length - 1);
            if (!units.TryGetValue(at, out unit))
            {
                units.Add(at, unit = Encoding.UTF8.GetString(texts[at].Span));
            }
        }

        if ((flags & HasFacts) == 0)
        {
            return new PointExtra(text, unit, quality, null);
        }

        var created = (long)reader.Varint();
        var modified = created + reader.Zigzag();
        var deleted = (long)reader.Varint();
        var instance = (flags & HasInstance) == 0 ? null : Encoding.UTF8.GetString(Text(ref reader, texts).Span);
        var members = (flags & HasWhole) == 0 ? default : Text(ref reader, texts);
        return new PointExtra(text, unit, quality, new PointFacts(created, modified, deleted, instance, members, (flags & NotObserved) == 0));
    }

    private static ReadOnlyMemory<byte> Text(ref ByteReader reader, ReadOnlyMemory<byte>[] texts) => texts[reader.Count(texts.Length - 1)];

    /// <summary>The distinct texts of a block in the order in which they are first named.</summary>
    private sealed class TextTable
    {
        private readonly Dictionary<ReadOnlyMemory<byte>, int> places = new(new ByteComparer());

        public void Note(PointExtra extra)
        {
            Note(extra.Text);
            Note(extra.Unit is null ? default : Encoding.UTF8.GetBytes(extra.Unit));
            Note(extra.Facts?.InstanceId is { } id ? Encoding.UTF8.GetBytes(id) : default);
            Note(extra.Facts?.Instance ?? default);
        }

        public void Write(ByteWriter writer)
        {
            writer.Varint((ulong)places.Count);
            foreach (var (text, _) in places)
            {
                writer.Varint((ulong)text.Length);
                writer.Bytes(text.Span);
            }
        }

        public void Reference(ByteWriter writer, ReadOnlyMemory<byte> text) => writer.Varint((ulong)places[text]);

        private void Note(ReadOnlyMemory<byte> text)
        {
            if (!text.IsEmpty)
            {
                places.TryAdd(text, places.Count);
            }
        }
    }

    private sealed class ByteComparer : IEqualityComparer<ReadOnlyMemory<byte>>
    {
        public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

        public int GetHashCode(ReadOnlyMemory<byte> text)
        {
            var hash = default(HashCode);
            hash.AddBytes(text.Span);
            return hash.ToHashCode();
        }
    }
}
