using System.Text.Json;

namespace Twin.ScenarioEngine.Remote;

/// <summary>
/// Who was asked what, when, and how long it took: part of the result, and of the fault when there is none, so that what a
/// result waited for is never a guess.
/// </summary>
public sealed record RemoteReport
{
    /// <summary>Id of the card.</summary>
    public required string Model { get; init; }

    /// <summary>The server.</summary>
    public required Uri Server { get; init; }

    /// <summary>The process there.</summary>
    public required string Process { get; init; }

    /// <summary>Version that the server said, when it came so far.</summary>
    public string? Version { get; init; }

    /// <summary>Id of the agreement that went along.</summary>
    public string? Agreement { get; init; }

    /// <summary>Address of the job, when there was one.</summary>
    public Uri? Job { get; init; }

    /// <summary>When the first question was asked.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>How long all of it took, ms.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>How long it might have taken, ms.</summary>
    public required double DeadlineMilliseconds { get; init; }

    /// <summary>What was waited for when the deadline struck or the caller left; null when neither happened.</summary>
    public string? WaitedFor { get; init; }

    /// <summary>Units that nobody but the card says.</summary>
    public required IReadOnlyList<string> UnitsByAgreement { get; init; }

    /// <summary>Every question, in order.</summary>
    public required IReadOnlyList<RemoteStep> Steps { get; init; }

    /// <summary>As JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RemoteJson.Default.RemoteReport);
}

/// <summary>One question to the server.</summary>
/// <param name="Phase">What it was for: description, execution, status, results, dismissal.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Url">What was asked.</param>
/// <param name="Started">When.</param>
/// <param name="Milliseconds">How long until its last byte, or its end.</param>
/// <param name="Status">HTTP status, when one came.</param>
/// <param name="Bytes">Bytes of the answer that came.</param>
/// <param name="Outcome">What came of it, for people.</param>
public sealed record RemoteStep(string Phase, string Method, Uri Url, DateTimeOffset Started, double Milliseconds, int? Status, long Bytes, string Outcome);

/// <summary>How a process at somebody else's server failed.</summary>
public enum RemoteFailure
{
    /// <summary>It may not be called (not on the public internet, not by https), or would have us call somebody else.</summary>
    NotCalled,

    /// <summary>It could not be reached, or answered with an error.</summary>
    Failed,

    /// <summary>What it says of itself is not what the card says.</summary>
    Unexpected,

    /// <summary>What it answered is not what the card says: missing, too few, of another unit, out of range.</summary>
    Refused,

    /// <summary>The deadline struck.</summary>
    TimedOut,
}

/// <summary>A process that gave no result, with the report.</summary>
public sealed class RemoteException : Exception
{
    internal RemoteException(RemoteFailure failure, string fault, RemoteReport report)
        : base($"{report.Model} at {report.Server.Authority}: {fault}") => (Failure, Fault, Report) = (failure, fault, report);

    /// <summary>How it failed.</summary>
    public RemoteFailure Failure { get; }

    /// <summary>What went wrong.</summary>
    public string Fault { get; }

    /// <summary>Who was asked what, and how long it took.</summary>
    public RemoteReport Report { get; }
}

/// <summary>A fault before its report is at hand.</summary>
internal sealed class RemoteFaultException(RemoteFailure failure, string fault) : Exception(fault)
{
    public RemoteFailure Failure { get; } = failure;
}
