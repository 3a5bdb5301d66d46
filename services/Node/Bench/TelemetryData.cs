using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Twin.Node.Bench;

/// <summary>
/// The points of <c>twin bench telemetry</c>: temperatures with one decimal, every 5 minutes from 1990-01-01 on: nothing that comes lies in the future, of sensors
/// that each walk by up to 0.2 degrees a step. The same for every target, in the order of their times.
/// </summary>
internal sealed class TelemetryData(int series, int points)
{
    private readonly short[] tenths = Walk(series, points);

    /// <summary>When they begin.</summary>
    public static DateTime Start { get; } = new(1990, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Points in all: whole steps of all series.</summary>
    public int Count => tenths.Length;

    /// <summary>The number of series.</summary>
    public int Series => series;

    /// <summary>When the last of them is over.</summary>
    public DateTime End => At(Count - 1).AddMinutes(5);

    /// <summary>The id of a sensor.</summary>
    public static string Id(int sensor) => string.Create(CultureInfo.InvariantCulture, $"urn:ngsi-ld:Device:{sensor:0000}");

    /// <summary>The sensor of a point.</summary>
    public int Sensor(int point) => point % series;

    /// <summary>The time of a point.</summary>
    public DateTime At(int point) => Start.AddMinutes(5 * (point / series));

    /// <summary>The value of a point.</summary>
    public double Value(int point) => tenths[point] / 10.0;

    /// <summary>Some of the points as CSV with a header.</summary>
    public byte[] Csv(int from, int until)
    {
        var text = new Utf8Lines((until - from) * 64);
        text.Add("entity,attribute,observedAt,value\n"u8);
        for (var i = from; i < until; i++)
        {
            text.Add(Encoding.ASCII.GetBytes(Id(Sensor(i))));
            text.Add(",temperature,"u8);
            text.Add(Encoding.ASCII.GetBytes(At(i).ToString("yyyy-MM-ddTHH:mm:ssZ,", CultureInfo.InvariantCulture)));
            text.Add(Value(i));
            text.Add("\n"u8);
        }

        return text.ToArray();
    }

    /// <summary>Some of the points as lines of the InfluxDB protocol, times in nanoseconds.</summary>
    public byte[] InfluxLines(int from, int until)
    {
        var text = new Utf8Lines((until - from) * 64);
        for (var i = from; i < until; i++)
        {
            text.Add(Encoding.ASCII.GetBytes("m,s=" + Id(Sensor(i)) + " v="));
            text.Add(Value(i));
            text.Add(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $" {(At(i) - DateTime.UnixEpoch).Ticks * 100}\n")));
        }

        return text.ToArray();
    }

    private static short[] Walk(int series, int points)
    {
        var random = new Random(42);
        var now = Enumerable.Range(0, series).Select(_ => (short)random.Next(50, 250)).ToArray();
        var all = new short[points / series * series];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = now[i % series] = (short)Math.Clamp(now[i % series] + random.Next(-2, 3), -200, 450);
        }

        return all;
    }

    /// <summary>Bytes that grow.</summary>
    private sealed class Utf8Lines(int capacity)
    {
        private byte[] bytes = new byte[capacity + 64];
        private int length;

        public void Add(ReadOnlySpan<byte> text)
        {
            Room(text.Length);
            text.CopyTo(bytes.AsSpan(length));
            length += text.Length;
        }

        public void Add(double value)
        {
            Room(32);
            Utf8Formatter.TryFormat(value, bytes.AsSpan(length), out var written, new System.Buffers.StandardFormat('F', 1));
            length += written;
        }

        public byte[] ToArray() => bytes.AsSpan(0, length).ToArray();

        private void Room(int more)
        {
            if (length + more > bytes.Length)
            {
                Array.Resize(ref bytes, bytes.Length * 2);
            }
        }
    }
}
