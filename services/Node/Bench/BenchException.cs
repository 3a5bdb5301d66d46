namespace Twin.Node.Bench;

/// <summary>Why a measurement has no result, as its user is told. The process ends with <see cref="ExitCode"/>.</summary>
internal sealed class BenchException(string message) : Exception(message)
{
    /// <summary>The exit code of a measurement that failed.</summary>
    public const int ExitCode = 1;
}
