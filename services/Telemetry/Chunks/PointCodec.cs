using System.Buffers;
using Twin.Telemetry.Points;

namespace Twin.Telemetry.Chunks;

/// <summary>
/// Points as compressed columns: version, count, time unit, times, forms, values, extras, steps. Regular times, one form, one
/// unit and one quality cost a few bytes a block.
/// </summary>
internal static class PointCodec
{
    /// <summary>The most points of a block, so that a broken one cannot ask for all memory.</summary>
    public const int MostPoints = 1 << 20;

    private const byte Version = 1;
    private const byte MixedForms = 1;
    private const byte WithExtras = 2;
    private const byte WithSteps = 4;

    private static readonly long[] TimeUnits = [1, TimeSpan.TicksPerMicrosecond, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerSecond, TimeSpan.TicksPerMinute];

    /// <summary>Writes a run of points.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="points">Their columns.</param>
    /// <param name="start">The first point of the run.</param>
    /// <param name="length">How many.</param>
    /// <param name="oneSeries">
    /// The points are of one series: decimals are brought to one scale, so that 21 and 21.4 are neighbours.
    /// </param>
    public static void Write(ByteWriter writer, PointColumns points, int start, int length, bool oneSeries)
    {
        var times = points.Times.Slice(start, length);
        var forms = points.Forms.Slice(start, length);
        var bits = points.Bits.Slice(start, length);
        var scratch = ArrayPool<long>.Shared.Rent(length);
        try
        {
            var room = scratch.AsSpan(0, length);
            writer.Byte(Version);
            writer.Varint((ulong)length);
            var extras = points.HasExtras ? points.Extras.Slice(start, length) : [];
            var hasSteps = points.HasSteps && StepCodec.HasAny(extras);
            var own = hasSteps ? StepCodec.Without(extras) : extras;
            var hasExtras = own.ContainsAnyExcept((PointExtra?)null);
            var form = OneForm(forms, bits, oneSeries, room);
            writer.Byte((byte)((form is null ? MixedForms : 0) | (hasExtras ? WithExtras : 0) | (hasSteps ? WithSteps : 0)));
            if (form is { } one)
            {
                writer.Byte(one);
                LongColumn.Write(writer, room, one == PointForm.Double);
            }
            else
            {
                LongColumn.Write(writer, bits);
                for (var i = 0; i < length; i++)
                {
                    room[i] = forms[i];
                }

                LongColumn.Write(writer, room);
            }

            WriteTimes(writer, times, room);
            if (hasExtras)
            {
                ExtraCodec.Write(writer, own, room);
            }

            if (hasSteps)
            {
                StepCodec.Write(writer, extras, room);
            }

            writer.Take(BitFrame.Slack);
        }
        finally
        {
            ArrayPool<long>.Shared.Return(scratch);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is something else, or broken.</exception>
    public static PointColumns Read(ref ByteReader reader)
    {
        if (reader.Byte() != Version)
        {
            throw ByteReader.Broken();
        }

        var length = reader.Count(MostPoints);
        var flags = reader.Byte();
        var points = new PointColumns(Math.Max(1, length));
        var (times, forms, bits) = points.Room(length);
        if ((flags & MixedForms) == 0)
        {
            var form = Known(reader.Byte());
            forms.AsSpan(0, length).Fill(form);
            LongColumn.Read(ref reader, bits.AsSpan(0, length));
        }
        else
        {
            LongColumn.Read(ref reader, bits.AsSpan(0, length));
            LongColumn.Read(ref reader, times.AsSpan(0, length));
            for (var i = 0; i < length; i++)
            {
                forms[i] = Known(times[i]);
            }
        }

        ReadTimes(ref reader, times.AsSpan(0, length));
        var extras = (flags & WithExtras) == 0 ? null : ExtraCodec.Read(ref reader, length);
        var hasSteps = (flags & WithSteps) != 0;
        if (hasSteps)
        {
            extras ??= new PointExtra?[length];
            StepCodec.Read(ref reader, extras);
        }

        reader.Take(BitFrame.Slack);
        points.Publish(length, extras, hasSteps);
        return points;
    }

    private static byte Known(long form) => form is >= 0 and <= byte.MaxValue && PointForm.IsKnown((byte)form) ? (byte)form : throw ByteReader.Broken();

    /// <summary>The one form of all values, which are then in <paramref name="room"/>; null when they have several.</summary>
    private static byte? OneForm(ReadOnlySpan<byte> forms, ReadOnlySpan<long> bits, bool rescale, Span<long> room)
    {
        if (forms.IsEmpty || !forms.ContainsAnyExcept(forms[0]))
        {
            bits.CopyTo(room);
            return forms.IsEmpty ? (byte)0 : forms[0];
        }

        if (!rescale)
        {
            return null;
        }

        byte scale = 0;
        foreach (var form in forms)
        {
            if (!PointForm.IsDecimal(form))
            {
                return null;
            }

            scale = Math.Max(scale, form);
        }

        for (var i = 0; i < bits.Length; i++)
        {
            if (!PointValue.TryRescale(bits[i], forms[i], scale, out room[i]))
            {
                return null;
            }
        }

        return scale;
    }

    private static void WriteTimes(ByteWriter writer, ReadOnlySpan<long> times, Span<long> room)
    {
        var unit = TimeUnits.Length - 1;
        foreach (var time in times)
        {
            while (time % TimeUnits[unit] != 0)
            {
                unit--;
            }
        }

        for (var i = 0; i < times.Length; i++)
        {
            room[i] = times[i] / TimeUnits[unit];
        }

        writer.Byte((byte)unit);
        LongColumn.Write(writer, room);
    }

    private static void ReadTimes(ref ByteReader reader, Span<long> times)
    {
        var unit = reader.Byte();
        if (unit >= TimeUnits.Length)
        {
            throw ByteReader.Broken();
        }

        LongColumn.Read(ref reader, times);
        if (unit > 0)
        {
            for (var i = 0; i < times.Length; i++)
            {
                times[i] = unchecked(times[i] * TimeUnits[unit]);
            }
        }
    }
}
