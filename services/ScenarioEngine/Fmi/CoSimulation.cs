namespace Twin.ScenarioEngine.Fmi;

/// <summary>
/// The master of FMUs that are simulated together, each in a process of its own (FMI 2.0.4, 4.1; FMI 3.0.2, 4.1). Jacobi:
/// at a communication point all outputs are taken first, then all step with what was taken, so that neither order nor
/// speed of the processes changes a bit. What is connected therefore arrives one step late, and an output that follows
/// its input at once shows the input of the step that has just ended. One FMU alone is the same without connections.
/// </summary>
public static class CoSimulation
{
    /// <summary>Simulates.</summary>
    /// <param name="components">The FMUs.</param>
    /// <param name="connections">What goes from one to another.</param>
    /// <param name="times">The communication points.</param>
    /// <param name="time">Clock of the deadlines.</param>
    /// <param name="cancellationToken">Ends all processes.</param>
    /// <returns>Series of every wanted output, in the unit in which it is wanted.</returns>
    /// <exception cref="ModelInputException">An input is missing, unknown, or in a unit that does not fit; nothing has run.</exception>
    /// <exception cref="FmuException">An FMU failed, hung, crashed, or did half of a step.</exception>
    public static async Task<CoSimulationResult> RunAsync(
        IReadOnlyList<FmuComponent> components, IReadOnlyList<FmuConnection> connections, FmuTimes times, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(components);
        ArgumentNullException.ThrowIfNull(connections);
        ArgumentNullException.ThrowIfNull(times);
        var plan = CoSimulationPlan.Of(components, connections, times);
        var patience = components.Max(component => component.Fmu.Bounds.RunDeadline);
        using var deadline = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var processes = new List<FmuProcess>();
        try
        {
            foreach (var component in components)
            {
                processes.Add(await FmuProcess.StartAsync(component.Fmu, component.Name, time, either.Token));
            }

            return await RunAsync(plan, processes, either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new FmuException(FmuFailure.TimedOut, string.Join(", ", components.Select(component => component.Name)), "the simulation", null, $"it was not done within {patience.TotalSeconds} s; its processes were ended", []);
        }
        finally
        {
            foreach (var process in processes)
            {
                await process.DisposeAsync();
            }
        }
    }

    private static async Task<CoSimulationResult> RunAsync(CoSimulationPlan plan, List<FmuProcess> processes, CancellationToken cancellationToken)
    {
        var (times, planned) = (plan.Times, plan.Components);
        var handles = planned.Select(component => component.Read.Select(PlannedComponent.Handle).ToArray()).ToArray();
        var series = planned.Select(component => component.Outputs.Select(_ => new double[times.Steps + 1]).ToArray()).ToArray();
        var now = new FmuValue[planned.Count][];
        for (var i = 0; i < planned.Count; i++)
        {
            now[i] = await processes[i].InitialiseAsync(times.Start, times.At(times.Steps), planned[i].Parameters, Inputs(planned[i], 0, null), handles[i], cancellationToken);
        }

        Keep(planned, now, series, 0, times);
        for (var k = 0; k < times.Steps; k++)
        {
            var (at, size, given) = (times.At(k), times.At(k + 1) - times.At(k), now);
            var steps = planned.Select((component, i) => processes[i].StepAsync(at, size, Inputs(component, k, given), handles[i], cancellationToken)).ToList();
            now = await AllAsync(steps);
            Keep(planned, now, series, k + 1, times);
        }

        foreach (var process in processes)
        {
            await process.CloseAsync(cancellationToken);
        }

        return Result(plan, series);
    }

    // All answers are awaited before the first fault is told, always that of the first component in order.
    private static async Task<FmuValue[][]> AllAsync(List<Task<FmuValue[]>> steps)
    {
        await Task.WhenAll(steps.Select(static step => step.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default)));
        var values = new FmuValue[steps.Count][];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = await steps[i];
        }

        return values;
    }

    private static List<FmuSetting> Inputs(PlannedComponent component, int step, FmuValue[][]? given)
    {
        var inputs = new List<FmuSetting>(component.Series.Count + component.Links.Count);
        foreach (var series in component.Series)
        {
            inputs.Add(new FmuSetting(series.Handle, series.Values[step]));
        }

        if (given is not null)
        {
            foreach (var link in component.Links)
            {
                inputs.Add(new FmuSetting(link.Handle, link.Conversion.Of(given[link.From][link.ReadIndex].Number)));
            }
        }

        return inputs;
    }

    private static void Keep(IReadOnlyList<PlannedComponent> planned, FmuValue[][] now, double[][][] series, int point, FmuTimes times)
    {
        for (var i = 0; i < planned.Count; i++)
        {
            for (var r = 0; r < now[i].Length; r++)
            {
                if (!double.IsFinite(now[i][r].Number))
                {
                    throw new FmuException(FmuFailure.Failed, planned[i].Component.Name, "reading", times.At(point), $"'{planned[i].Read[r].Name}' is {now[i][r].Number}", []);
                }
            }

            for (var o = 0; o < series[i].Length; o++)
            {
                var (_, readIndex, conversion) = planned[i].Outputs[o];
                series[i][o][point] = conversion.Of(now[i][readIndex].Number);
            }
        }
    }

    private static CoSimulationResult Result(CoSimulationPlan plan, double[][][] series)
    {
        var byComponent = new Dictionary<string, IReadOnlyDictionary<string, double[]>>(StringComparer.Ordinal);
        for (var i = 0; i < plan.Components.Count; i++)
        {
            var outputs = new Dictionary<string, double[]>(StringComparer.Ordinal);
            for (var o = 0; o < series[i].Length; o++)
            {
                outputs[plan.Components[i].Outputs[o].Name] = series[i][o];
            }

            byComponent[plan.Components[i].Component.Name] = outputs;
        }

        return new CoSimulationResult([.. Enumerable.Range(0, plan.Times.Steps + 1).Select(plan.Times.At)], byComponent);
    }
}
