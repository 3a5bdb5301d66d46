using System.Globalization;

namespace Twin.ScenarioEngine.Fmi;

/// <summary>How an FMU failed.</summary>
public enum FmuFailure
{
    /// <summary>The library said so by its status, or gave what no value may be.</summary>
    Failed,

    /// <summary>It stepped less far than it was asked to.</summary>
    Incomplete,

    /// <summary>It had not answered when its time was over, and was ended.</summary>
    TimedOut,

    /// <summary>Its process ended by itself.</summary>
    Crashed,
}

/// <summary>What the library logged.</summary>
/// <param name="Status">Status of the message: OK, Warning, Discard, Error, Fatal.</param>
/// <param name="Category">Its category.</param>
/// <param name="Text">The message.</param>
public sealed record FmuMessage(string Status, string Category, string Text);

/// <summary>An FMU that failed: which, doing what, at which time of the model, with what it logged.</summary>
public sealed class FmuException : Exception
{
    /// <summary>Names the FMU and what it was doing.</summary>
    public FmuException(FmuFailure failure, string component, string doing, double? time, string fault, IReadOnlyList<FmuMessage> messages)
        : base(Text(component, doing, time, fault, messages)) =>
        (Failure, Component, Doing, Time, Fault, Messages) = (failure, component, doing, time, fault, messages);

    /// <summary>How it failed.</summary>
    public FmuFailure Failure { get; }

    /// <summary>Name of the FMU in this run.</summary>
    public string Component { get; }

    /// <summary>What it was asked to do.</summary>
    public string Doing { get; }

    /// <summary>Time of the model, in seconds, when it had begun.</summary>
    public double? Time { get; }

    /// <summary>What went wrong.</summary>
    public string Fault { get; }

    /// <summary>What the library logged while it did it, oldest first, at most 100.</summary>
    public IReadOnlyList<FmuMessage> Messages { get; }

    private static string Text(string component, string doing, double? time, string fault, IReadOnlyList<FmuMessage> messages)
    {
        var at = time is { } t ? string.Create(CultureInfo.InvariantCulture, $" at t = {t:R} s") : "";
        var said = messages.Count == 0 ? "" : $" It logged: {string.Join(" | ", messages.TakeLast(3).Select(message => $"[{message.Status}] {message.Text}"))}";
        return $"{component}: {doing}{at}: {fault}.{said}";
    }
}
