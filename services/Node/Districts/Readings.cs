using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Twin.Node.Districts;

/// <summary>
/// Synthetic readings of sensors, every five minutes, as the CSV that <c>/ingest</c> takes: with the course of the day and
/// of the year, and noise that has a memory (AR(1)). From one start they are the same every time.
/// </summary>
/// <param name="sensors">The sensors.</param>
/// <param name="seed">What the noise is drawn from.</param>
internal sealed class Readings(IReadOnlyList<Sensor> sensors, ulong seed)
{
    /// <summary>The time between two readings.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromMinutes(5);

    private readonly Draws[] draws = [.. sensors.Select(sensor => new Draws(seed, sensor.Entity + sensor.Attribute))];
    private readonly double[] noise = new double[sensors.Count];
    private readonly (byte[] Before, byte[] After)[] rows =
        [.. sensors.Select(static sensor => (Encoding.UTF8.GetBytes($"{sensor.Entity},{sensor.Attribute},"), Encoding.UTF8.GetBytes($",{sensor.Unit}\n")))];

    /// <summary>The readings of a time, in the order of their times; times that follow must come in order.</summary>
    /// <param name="from">The first, UTC.</param>
    /// <param name="until">The time before which they end, UTC.</param>
    public ReadOnlyMemory<byte> Csv(DateTime from, DateTime until)
    {
        var text = new ArrayBufferWriter<byte>(1 << 20);
        text.Write("entity,attribute,observedAt,value,unit\n"u8);
        for (var at = from; at < until; at += Step)
        {
            var time = Encoding.ASCII.GetBytes(at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z,'", CultureInfo.InvariantCulture));
            for (var i = 0; i < sensors.Count; i++)
            {
                text.Write(rows[i].Before);
                text.Write(time);
                Utf8Formatter.TryFormat(Next(i, at), text.GetSpan(40), out var written, new StandardFormat('F', (byte)sensors[i].Decimals));
                text.Advance(written);
                text.Write(rows[i].After);
            }
        }

        return text.WrittenMemory;
    }

    private double Next(int index, DateTime at)
    {
        var sensor = sensors[index];
        ref var own = ref draws[index];
        // AR(1) with a memory of some hours.
        noise[index] = (0.97 * noise[index]) + own.Between(-0.25, 0.25);
        var wander = noise[index];
        // 0 at its coldest: six weeks after the shortest day, and before dawn.
        var season = (1 - Math.Cos((at.DayOfYear - 33) * 2 * Math.PI / 365.25)) / 2;
        var hour = at.TimeOfDay.TotalHours;
        var day = (1 - Math.Cos((hour - 4) * 2 * Math.PI / 24)) / 2;
        return sensor.Course switch
        {
            SensorCourse.Outdoor => -1 + (17 * season) + (7 * day) + (2 * wander),
            SensorCourse.Indoor => sensor.Usual * (1 + (0.02 * (day - 0.5)) + (0.03 * (season - 0.5)) + (0.004 * wander)),
            SensorCourse.Sun => sensor.Usual * Sun(hour, at.DayOfYear) * Math.Clamp(0.75 + (0.3 * wander), 0.1, 1),
            SensorCourse.Rain => Math.Max(0, wander - 1.2),
            SensorCourse.Direction => (((sensor.Usual + (40 * wander)) % 360) + 360) % 359,
            SensorCourse.Share => Math.Clamp(sensor.Usual + (0.08 * wander), 0, 1),
            SensorCourse.Counter => sensor.Usual * Counted(at) / 365,
            _ => sensor.Usual * Math.Max(0, 0.7 + (0.5 * day) + (0.1 * wander)),
        };
    }

    /// <summary>Days that a meter has counted, more by day than at night: the integral of 1 − 0.6 cos.</summary>
    private static double Counted(DateTime at)
    {
        const double Turn = 2 * Math.PI / 24;
        var hour = at.TimeOfDay.TotalHours;
        return (at.Date - new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc)).TotalDays + ((hour - (0.6 / Turn * (Math.Sin((hour - 4) * Turn) + Math.Sin(4 * Turn)))) / 24);
    }

    /// <summary>The share of the sun's greatest height at 47.7° north.</summary>
    private static double Sun(double hour, int dayOfYear)
    {
        const double Latitude = 47.7 * Math.PI / 180;
        var declination = -23.44 * Math.PI / 180 * Math.Cos(2 * Math.PI / 365 * (dayOfYear + 10));
        var height = (Math.Sin(Latitude) * Math.Sin(declination)) + (Math.Cos(Latitude) * Math.Cos(declination) * Math.Cos((hour - 11.5) * Math.PI / 12));
        return Math.Max(0, height);
    }
}
