namespace Twin.ScenarioEngine.Scenarios;

/// <summary>How the interventions of one scenario become those of another.</summary>
internal enum DiffKind
{
    /// <summary>Both have it.</summary>
    Same,

    /// <summary>Only the first has it.</summary>
    Removed,

    /// <summary>Only the second has it.</summary>
    Added,
}

/// <summary>One line of a difference.</summary>
internal readonly record struct DiffLine(DiffKind Kind, Intervention Intervention);

/// <summary>The difference of two ordered lists of interventions: what both have in the same order is the longest such list there is.</summary>
internal static class ScenarioDiff
{
    /// <summary>Compares.</summary>
    /// <param name="from">The first.</param>
    /// <param name="to">The second.</param>
    public static List<DiffLine> Between(ScenarioContent from, ScenarioContent to)
    {
        string[] a = [.. from.Interventions.Select(Key)], b = [.. to.Interventions.Select(Key)];
        var common = new int[a.Length + 1, b.Length + 1];
        for (var i = a.Length - 1; i >= 0; i--)
        {
            for (var j = b.Length - 1; j >= 0; j--)
            {
                common[i, j] = a[i] == b[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var lines = new List<DiffLine>();
        int x = 0, y = 0;
        while (x < a.Length || y < b.Length)
        {
            if (x < a.Length && y < b.Length && a[x] == b[y])
            {
                lines.Add(new DiffLine(DiffKind.Same, from.Interventions[x++]));
                y++;
            }
            else if (y == b.Length || (x < a.Length && common[x + 1, y] >= common[x, y + 1]))
            {
                lines.Add(new DiffLine(DiffKind.Removed, from.Interventions[x++]));
            }
            else
            {
                lines.Add(new DiffLine(DiffKind.Added, to.Interventions[y++]));
            }
        }

        return lines;
    }

    private static string Key(Intervention intervention) => ScenarioContent.KeyOf(intervention);
}
