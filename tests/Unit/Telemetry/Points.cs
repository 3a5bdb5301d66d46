using System.Text;
using CsCheck;
using Twin.Telemetry.Points;

namespace Twin.Tests.Unit.Telemetry;

/// <summary>Draws points of every form, in the shapes that sensors have and in those that they should not have.</summary>
internal static class Points
{
    public const long Year2025 = 638_712_864_000_000_000;

    private static readonly Gen<long> Step = Gen.OneOf(
        Gen.Const(TimeSpan.TicksPerMinute * 5), Gen.Long[1, 1000], Gen.Long[1, TimeSpan.TicksPerHour], Gen.Long[1, TimeSpan.TicksPerDay * 400]);

    private static readonly Gen<(byte Form, long Bits)> AnyValue = Gen.OneOf(
        Gen.Select(Gen.Byte[0, PointForm.MaxScale], Gen.Long, (form, bits) => (form, bits)),
        Gen.Select(Gen.Byte[0, 3], Gen.Long[-1000, 1000], (form, bits) => (form, bits)),
        Gen.Double.Select(value => (PointForm.Double, BitConverter.DoubleToInt64Bits(value))),
        Gen.Bool.Select(value => (PointForm.Boolean, value ? 1L : 0L)),
        Gen.Const((PointForm.Null, 0L)));

    private static readonly Gen<PointFacts?> Facts = Gen.OneOf(
        Gen.Const((PointFacts?)null),
        Gen.Select(Gen.Long[0, Year2025], Gen.Long[0, Year2025], Gen.Bool, Gen.String[0, 20], (created, modified, observed, text) =>
            (PointFacts?)new PointFacts(created, modified, 0, text.Length == 0 ? null : "urn:" + Clean(text), Encoding.UTF8.GetBytes(Clean(text)), observed)));

    private static readonly Gen<PointExtra?> Extra = Gen.Frequency(
        (3, Gen.Const((PointExtra?)null)),
        (1, Gen.Select(Gen.OneOf(Gen.Const((string?)null), Gen.Const((string?)"CEL"), Gen.Const((string?)"KEL")), Gen.Enum<PointQuality>(), Facts, (unit, quality, facts) =>
            (PointExtra?)new PointExtra(default, unit, quality, facts))));

    private static readonly Gen<(byte Form, long Bits, PointExtra? Extra)> Text =
        Gen.Select(Gen.Byte[PointForm.String, PointForm.Geo], Gen.String[0, 12], (form, text) =>
            (form, 0L, text.Length == 0 ? null : (PointExtra?)new PointExtra(Encoding.UTF8.GetBytes(Clean(text)), null, PointQuality.Good, null)));

    private static readonly Gen<(byte Form, long Bits, PointExtra? Extra)> Any = Gen.OneOf(
        Gen.Select(AnyValue, Extra, (value, extra) => (value.Form, value.Bits, extra)), Text);

    /// <summary>Points in the order of time, of whatever forms.</summary>
    public static readonly Gen<PointColumns> Mixed = Gen.Select(Step, Gen.Long[0, Year2025], Any.Array[1, 300], (step, start, values) => Of(step, start, values));

    /// <summary>A walk of decimals of one scale with regular times, some of them missing, and some spikes.</summary>
    public static readonly Gen<PointColumns> Readings = Gen.Select(
        Gen.Byte[0, 3], Gen.Long[-100_000, 100_000], Gen.Select(Gen.Long[-9, 9], Gen.Int[0, 50], (move, luck) => (move, luck)).Array[1, 2000], (scale, first, moves) =>
        {
            var points = new PointColumns();
            var (time, value) = (Year2025, first);
            foreach (var (move, luck) in moves)
            {
                value += move;
                time += TimeSpan.TicksPerMinute * 5 * (luck == 0 ? 40 : 1);
                points.Append(time, scale, luck == 1 ? value * 100 : value, null);
            }

            return points;
        });

    /// <summary>Numbers of every kind and scale.</summary>
    public static readonly Gen<PointColumns> Numbers = Gen.Select(
        Gen.Long[1, TimeSpan.TicksPerMinute * 20],
        Gen.OneOf(
            Gen.Select(Gen.Byte[0, 9], Gen.Long[-1L << 41, 1L << 41], (form, bits) => (form, bits)),
            Gen.Select(Gen.Const((byte)1), Gen.Long[-500, 500], (form, bits) => (form, bits)),
            Gen.Double[-1e6, 1e6].Select(value => (PointForm.Double, BitConverter.DoubleToInt64Bits(value))),
            Gen.Bool.Select(value => (PointForm.Boolean, value ? 1L : 0L))).Array[1, 500],
        Gen.Bool,
        (step, values, oneForm) => Of(step, Year2025, [.. values.Where(value => !oneForm || value.Item1 == values[0].Item1).Select(value => (value.Item1, value.Item2, (PointExtra?)null))]));

    private static PointColumns Of(long step, long start, (byte Form, long Bits, PointExtra? Extra)[] values)
    {
        var points = new PointColumns();
        foreach (var (form, bits, extra) in values)
        {
            points.Append(start += step, form, bits, extra);
        }

        return points;
    }

    // Lone surrogates are no UTF-8.
    private static string Clean(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
