namespace Twin.ScenarioEngine.Remote;

/// <summary>How a process is asked for.</summary>
public enum RemoteMode
{
    /// <summary>As a job (<c>Prefer: respond-async</c>); a server that answers at once is taken at its word.</summary>
    Job,

    /// <summary>At once.</summary>
    AtOnce,
}

/// <summary>On what terms a process is asked.</summary>
public sealed record RemoteTerms
{
    /// <summary>Header in which the id of the agreement goes along.</summary>
    public const string AgreementHeader = "Agreement-Id";

    /// <summary>How long all of it may take, from the first question to the last byte.</summary>
    public required TimeSpan Deadline { get; init; }

    /// <summary>As a job or at once.</summary>
    public RemoteMode Mode { get; init; } = RemoteMode.Job;

    /// <summary>Id of the agreement under which the process may be used, when there is one: sent along and recorded.</summary>
    public string? Agreement { get; init; }

    /// <summary>Bytes of one answer.</summary>
    public int MostAnswerBytes { get; init; } = 64 << 20;

    /// <summary>How long to wait before the status of a job is asked for the second time; then half as long again each time.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(0.25);

    /// <summary>How long to wait at most, also when the server wants it longer.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the dismissal of a job may take that nobody waits for any more.</summary>
    public TimeSpan DismissDeadline { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a question that changes nothing is asked when the answer is that the server is not there for now.</summary>
    public int Tries { get; init; } = 3;

    internal void Check()
    {
        if (Deadline <= TimeSpan.Zero || Deadline > TimeSpan.FromDays(1))
        {
            throw new ModelInputException("deadline", "it is no time between 0 and 24 hours");
        }

        if (Agreement is { } agreement && (agreement.Length is 0 or > 500 || agreement.Any(static c => c is < '!' or > '~')))
        {
            throw new ModelInputException("agreement", "it is no id of at most 500 visible ASCII characters");
        }
    }
}

/// <summary>Numbers that are given to a process, or came from it.</summary>
/// <param name="Name">Name of the quantity.</param>
/// <param name="Unit">Their unit.</param>
/// <param name="Numbers">One, or as many as the series has.</param>
public sealed record RemoteNumbers(string Name, string Unit, IReadOnlyList<double> Numbers);

/// <summary>What a process answered, checked against its card.</summary>
/// <param name="Outputs">By the order of the card.</param>
/// <param name="Report">Who was asked what, when, and how long it took.</param>
public sealed record RemoteResult(IReadOnlyList<RemoteNumbers> Outputs, RemoteReport Report);
