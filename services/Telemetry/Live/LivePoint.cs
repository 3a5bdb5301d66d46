using System.Runtime.InteropServices;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Live;

/// <summary>A point that was committed while somebody looks on.</summary>
/// <param name="Series">Its series.</param>
/// <param name="Time">Ticks UTC.</param>
/// <param name="Form">Of the value: <see cref="PointForm"/>.</param>
/// <param name="Bits">The value.</param>
/// <param name="Extra">Unit, quality, text and facts.</param>
/// <param name="Skipped">Points of the series before it that came too fast to be told.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LivePoint(TimeSeries Series, long Time, byte Form, long Bits, PointExtra? Extra, int Skipped)
{
    /// <summary>The same as an instance.</summary>
    public Instance Instance => new(Series, Time, Form, Bits, Extra);
}
