namespace Twin.ScenarioEngine.SelfConsumption;

/// <summary>How the production of a step is allotted to the participants: the four keys that Enedis takes.</summary>
public abstract record SharingKey
{
    /// <summary>Clé dynamique par défaut: in proportion to what each consumes in the step.</summary>
    public static SharingKey DefaultDynamic { get; } = new ProRata();

    /// <summary>Clé statique: the same share at every step.</summary>
    /// <param name="shares">For each participant from 0 to 1; together at most 1.</param>
    /// <exception cref="ModelInputException">A share is out of range, or they come to over 1.</exception>
    public static SharingKey Static(IReadOnlyList<double> shares) => new Shares([Checked(shares, "shares")]);

    /// <summary>Clé dynamique simple: shares that the organising legal person gives for each step.</summary>
    /// <param name="shares">For each step the shares of the participants.</param>
    /// <exception cref="ModelInputException">A step has shares out of range.</exception>
    public static SharingKey SimpleDynamic(IReadOnlyList<IReadOnlyList<double>> shares) => new Shares([.. shares.Select(static (step, i) => Checked(step, $"shares[{i}]"))]);

    /// <summary>Clé full dynamique, by rank: the first takes what it needs, then the next.</summary>
    /// <param name="order">Every participant once, by its index.</param>
    /// <exception cref="ModelInputException">A participant is missing or named twice.</exception>
    public static SharingKey FullDynamic(IReadOnlyList<int> order) => order.Order().SequenceEqual(Enumerable.Range(0, order.Count))
        ? new Ranks([.. order])
        : throw new ModelInputException("order", "each participant stands in it once.");

    /// <summary>Allots a step.</summary>
    /// <param name="step">Its number from 0.</param>
    /// <param name="production">What is there, kWh.</param>
    /// <param name="consumption">What each consumes, kWh.</param>
    /// <param name="allotted">What each is given, kWh: never over its consumption (décret 2017-676).</param>
    internal abstract void Allot(int step, double production, ReadOnlySpan<double> consumption, Span<double> allotted);

    /// <summary>Refuses a number of participants or steps that it was not made for.</summary>
    internal abstract void Check(int participants, int steps);

    private static double[] Checked(IReadOnlyList<double> shares, string name)
    {
        // Shares such as thirds come to one give or take their rounding.
        if (shares.Any(static share => share is not (>= 0 and <= 1)) || shares.Sum() > 1 + 1e-9)
        {
            throw new ModelInputException(name, "each share is from 0 to 1, and together they are at most 1.");
        }

        return [.. shares];
    }

    private sealed record ProRata : SharingKey
    {
        internal override void Allot(int step, double production, ReadOnlySpan<double> consumption, Span<double> allotted)
        {
            var all = 0.0;
            foreach (var one in consumption)
            {
                all += one;
            }

            var share = all > 0 ? Math.Min(1, production / all) : 0;
            for (var i = 0; i < allotted.Length; i++)
            {
                allotted[i] = consumption[i] * share;
            }
        }

        internal override void Check(int participants, int steps)
        {
        }
    }

    private sealed record Shares(double[][] Steps) : SharingKey
    {
        internal override void Allot(int step, double production, ReadOnlySpan<double> consumption, Span<double> allotted)
        {
            var shares = Steps[Steps.Length == 1 ? 0 : step];
            for (var i = 0; i < allotted.Length; i++)
            {
                allotted[i] = Math.Min(consumption[i], production * shares[i]);
            }
        }

        internal override void Check(int participants, int steps)
        {
            if (Steps.Length != 1 && Steps.Length != steps)
            {
                throw new ModelInputException("shares", $"there are {Steps.Length} steps of shares for {steps} steps.");
            }

            if (Array.FindIndex(Steps, step => step.Length != participants) is var odd and >= 0)
            {
                throw new ModelInputException($"shares[{odd}]", $"there are {Steps[odd].Length} shares for {participants} participants.");
            }
        }
    }

    private sealed record Ranks(int[] Order) : SharingKey
    {
        internal override void Allot(int step, double production, ReadOnlySpan<double> consumption, Span<double> allotted)
        {
            foreach (var i in Order)
            {
                allotted[i] = Math.Min(consumption[i], production);
                production -= allotted[i];
            }
        }

        internal override void Check(int participants, int steps)
        {
            if (Order.Length != participants)
            {
                throw new ModelInputException("order", $"it names {Order.Length} of {participants} participants.");
            }
        }
    }
}
