using Twin.Telemetry.Points;

namespace Twin.Telemetry.Ingest;

/// <summary>How long a number of an attribute may stay exactly the same; where both are set, both must be exceeded.</summary>
/// <param name="For">Ticks from the first of equal points to the last; 0 asks nothing.</param>
/// <param name="Points">How many equal points there may be; 0 asks nothing.</param>
internal sealed record StuckLimit(long For, long Points)
{
    /// <summary>Whether equal points are too many, over too long a time.</summary>
    public bool IsExceeded(long time, long points) => time > For && points > Points;
}

/// <summary>
/// The equal numbers with which a series ends, as far as its rule needs them. Points come from several bodies at once.
/// </summary>
/// <remarks>
/// A late point changes nothing here: it is stuck when it has the number of the run and lies where the run is stuck already.
/// So a body that comes again is judged as before.
/// </remarks>
internal sealed class StuckRun
{
    private readonly Lock turn = new();
    private byte form;
    private long bits;
    private long since;
    private long newest = -1;
    private long points;
    private long stuckFrom = long.MaxValue;

    /// <summary>Takes in a number, and says whether the sensor is stuck at it.</summary>
    /// <param name="time">Its time, in ticks UTC.</param>
    /// <param name="valueForm">Of the number: <see cref="PointForm"/>.</param>
    /// <param name="value">The number.</param>
    /// <param name="limit">The rule of the attribute.</param>
    public bool Take(long time, byte valueForm, long value, StuckLimit limit)
    {
        lock (turn)
        {
            var same = points > 0 && PointValue.Same(valueForm, value, null, form, bits, null);
            if (time <= newest && (same || time < newest))
            {
                return same && time >= stuckFrom;
            }

            if (same)
            {
                points++;
            }
            else
            {
                // A newer one, or another in the place of the newest.
                (form, bits, since, points, stuckFrom) = (valueForm, value, time, 1, long.MaxValue);
            }

            newest = time;
            Judge(limit);
            return stuckFrom != long.MaxValue;
        }
    }

    /// <summary>Takes in a stored number that is older than all before: how a run is found again after a start.</summary>
    /// <returns>Whether older ones may matter too.</returns>
    public bool TakeOlder(long time, byte valueForm, long value, StuckLimit limit)
    {
        lock (turn)
        {
            if (points > 0 && !PointValue.Same(valueForm, value, null, form, bits, null))
            {
                return false;
            }

            (form, bits, since, newest, points) = (valueForm, value, time, points == 0 ? time : newest, points + 1);
            Judge(limit);
            return stuckFrom == long.MaxValue;
        }
    }

    private void Judge(StuckLimit limit)
    {
        if (stuckFrom == long.MaxValue && limit.IsExceeded(newest - since, points))
        {
            stuckFrom = newest;
        }
    }
}
