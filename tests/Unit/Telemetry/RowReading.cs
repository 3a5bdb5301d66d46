using System.Text;
using Twin.Telemetry.Ingest;
using Twin.Telemetry.Points;

namespace Twin.Tests.Unit.Telemetry;

/// <summary>What a reader makes of a body, as text.</summary>
internal static class RowReading
{
    /// <summary>All rows, of a body that comes in pieces.</summary>
    /// <returns>Each row as <c>entity|attribute|time|value|unit|dataset|quality</c>, or <c>row: member: reason</c>.</returns>
    public static List<string> Read(RowReader reader, byte[] body, int piece = int.MaxValue)
    {
        var rows = new List<string>();
        var (start, end) = (0, 0);
        while (true)
        {
            end = (int)Math.Min((long)end + piece, body.Length);
            var last = end == body.Length;
            while (true)
            {
                var found = reader.TryRead(body.AsSpan(start, end - start), last, out var consumed, out var row, out var fault);
                start += consumed;
                if (!found)
                {
                    break;
                }

                rows.Add(fault is null ? Shown(row) : $"{reader.RowLine}: {reader.PlaceOf(fault.Member) ?? fault.Member}: {fault.Reason}");
            }

            if (last)
            {
                return rows;
            }
        }
    }

    private static string Shown(in PointRow row)
    {
        var time = row.Ticks == 0 ? Text(row.ObservedAt) : new DateTime(row.Ticks, DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", System.Globalization.CultureInfo.InvariantCulture) + "Z";
        Span<byte> number = stackalloc byte[32];
        var value = row.Kind == RowValue.Number ? Text(number[..NumberText.FormatJson(row.Form, row.Bits, number)]) : $"{(row.Kind == RowValue.String ? "'" : "")}{Text(row.Value)}";
        return string.Join('|', Text(row.Entity), Text(row.Attribute), time, value, Text(row.Unit), Text(row.Dataset), Text(row.Quality)).TrimEnd('|');
    }

    private static string Text(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);
}
