namespace Twin.Telemetry.Forecasts.Models;

/// <summary>
/// What forecasts would have been worth: from a rolling origin (Forecasting: Principles and Practice, 3rd ed., 5.10) on values
/// that the model had not seen. Parameters are estimated once, on what comes before the first origin; from origin to
/// origin the model takes in what has come since.
/// </summary>
/// <param name="Total">The errors of all steps.</param>
/// <param name="Steps">The errors of each step ahead.</param>
/// <param name="Model">The model as it stands after the last origin.</param>
/// <param name="Training">Values before the first origin.</param>
/// <param name="Origins">Origins from which was forecast.</param>
internal sealed record BackTest(Accuracy Total, Accuracy[] Steps, FittedModel Model, int Training, int Origins)
{
    /// <summary>Tests a model.</summary>
    /// <param name="specification">What to fit.</param>
    /// <param name="y">The values.</param>
    /// <param name="measured">Which of them were measured: a filled gap tells nothing of a forecast.</param>
    /// <param name="plan">Where the origins lie.</param>
    /// <param name="levels">The levels of the intervals.</param>
    /// <param name="cancel">Ends the work.</param>
    public static BackTest Run(
        ModelSpecification specification, double[] y, IReadOnlyList<bool> measured, BackTestPlan plan, IReadOnlyList<double> levels, CancellationToken cancel)
    {
        var training = y[..plan.Training];
        var model = specification.Fit(training, cancel);
        var scale = Accuracy.ScaleOf(training, plan.Scale);
        var total = new Accuracy(scale, levels);
        var steps = new Accuracy[plan.Horizon];
        for (var h = 0; h < steps.Length; h++)
        {
            steps[h] = new Accuracy(scale, levels);
        }

        var origin = plan.Training;
        for (var i = 0; i < plan.Origins; i++)
        {
            cancel.ThrowIfCancellationRequested();
            var next = plan.OriginAt(i);
            model.Observe(y.AsSpan(origin, next - origin));
            origin = next;
            var forecast = model.Ahead(plan.Horizon, levels, new Simulation(i + 1, 400));
            for (var h = 0; h < plan.Horizon && origin + h < y.Length; h++)
            {
                if (measured[origin + h])
                {
                    steps[h].Add(y[origin + h], forecast, h);
                    total.Add(y[origin + h], forecast, h);
                }
            }
        }

        return new BackTest(total, steps, model, plan.Training, plan.Origins);
    }
}

/// <summary>Where a back-test begins to forecast.</summary>
/// <param name="Training">Values before the first origin.</param>
/// <param name="Horizon">Steps ahead.</param>
/// <param name="Origins">How many origins; the last has its whole horizon behind it.</param>
/// <param name="Last">The last origin.</param>
/// <param name="Scale">Points in the season by which MASE scales; 1 without one.</param>
internal sealed record BackTestPlan(int Training, int Horizon, int Origins, int Last, int Scale)
{
    /// <summary>Spreads origins evenly over the end of a series.</summary>
    /// <param name="count">Values.</param>
    /// <param name="training">Values before the first origin.</param>
    /// <param name="horizon">Steps ahead; they and the training are not more than the values.</param>
    /// <param name="origins">The most origins.</param>
    /// <param name="scale">Points in the season by which MASE scales; 1 without one.</param>
    public static BackTestPlan Of(int count, int training, int horizon, int origins, int scale)
    {
        var last = count - horizon;
        return new BackTestPlan(training, horizon, Math.Min(origins, last - training + 1), last, scale);
    }

    /// <summary>An origin: the index of the first value that is forecast from there.</summary>
    public int OriginAt(int index) => Origins == 1 ? Last : Training + (int)((long)index * (Last - Training) / (Origins - 1));
}
